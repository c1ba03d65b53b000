-- The words of which names, titles, paths and forms are made, numbered from 0.

create macro words(file) as table
from read_csv(
    getvariable('words') || '/' || file || '.csv', header = true, all_varchar = true, nullstr = '(none)'
);
create macro seed(file) as table
from read_csv(getvariable('seeds') || '/' || file || '.csv', header = true, all_varchar = true);

create table surnames as
select row_number() over () - 1 as word_no, * from words('surnames');
create table given_names as
select row_number() over () - 1 as word_no, * from words('given_names');
create table foreign_names as
select row_number() over () - 1 as word_no, * from words('foreign_names');
create table company_stems as
select row_number() over () - 1 as word_no, * from words('company_stems');
create table company_suffixes as
select row_number() over () - 1 as word_no, * from words('company_suffixes');
create table company_middles as
select row_number() over () - 1 as word_no, * from words('company_middles');
create table foreign_companies as
select row_number() over () - 1 as word_no, * from words('foreign_companies');
create table job_titles as
select row_number() over (partition by language, job_level) - 1 as word_no,
    count(*) over (partition by language, job_level) as word_count, *
from (select row_number() over () as line_no, * from words('job_titles'))
order by line_no;
create table departments as
select row_number() over () - 1 as word_no, *
from (
    select job_function, department_ja, department_en
    from words('departments'),
        range(cast(weight as bigint)) as repeated (copy_no)
    order by job_function, department_ja, copy_no
);
create table forms as
select row_number() over () - 1 as form_no,
    guid, name, path, kind, is_english = 'true' as is_english,
    cast(buyer_per_mille as integer) as buyer_per_mille,
    cast(evaluator_per_mille as integer) as evaluator_per_mille,
    cast(reader_per_mille as integer) as reader_per_mille,
    cast(dormant_per_mille as integer) as dormant_per_mille
from words('forms');
create table occasions as
select row_number() over () - 1 as occasion_no, kind, cast(day as date) as occasion_date,
    date_diff('day', getvariable('first_date'), cast(day as date))::integer as day_no, name
from words('occasions');

-- Paths as often as they are read, one list a kind of visit.
create table page_lists as
select mode, list(path order by path, copy_no) as paths
from words('pages'),
    range(cast(weight as bigint)) as repeated (copy_no)
group by mode;
set variable casual_paths = (select paths from page_lists where mode = 'casual');
set variable evaluating_paths = (select paths from page_lists where mode = 'evaluating');
set variable job_seeker_paths = (select paths from page_lists where mode = 'job_seeker');
set variable customer_paths = (select paths from page_lists where mode = 'customer');

create table prefectures as
select row_number() over (order by prefecture_code) - 1 as word_no, prefecture_code, name_en, name_ja
from seed('reference/prefectures')
where prefecture_code between '01' and '47';
