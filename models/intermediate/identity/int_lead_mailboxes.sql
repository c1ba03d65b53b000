with

records as (

    select * from {{ ref('int_lead_source_records') }}

    where email is not null

),

record_merges as (

    select * from {{ ref('int_record_merges') }}

),

shared_mailboxes as (

    select * from {{ ref('shared_mailboxes') }}

),

-- A record that was merged away speaks for its survivor, whatever became of its own row.
merged as (

    select
        survivors.record_key,
        records.record_key as named_record_key,
        {{ normalise_email('records.email') }} as email,
        case when record_merges.joined_date is not null then records.record_key end
            as joined_record_key,
        survivors.is_deleted,
        record_merges.joined_date

    from record_merges

    inner join records
        on
            record_merges.source_name = records.source_name
            and record_merges.merged_lead_id = records.lead_id

    inner join {{ ref('int_lead_source_records') }} as survivors
        on
            record_merges.source_name = survivors.source_name
            and record_merges.surviving_lead_id = survivors.lead_id

),

addressed as (

    select
        records.record_key,
        records.record_key as named_record_key,
        {{ normalise_email('records.email') }} as email,
        cast(null as integer) as joined_record_key,
        records.is_deleted,
        cast(null as date) as joined_date

    from {{ ref('int_lead_source_records') }} as records

    where
        records.email is not null
        and not exists (
            select 1
            from record_merges
            where
                records.source_name = record_merges.source_name
                and records.lead_id = record_merges.merged_lead_id
        )

    union all

    select
        merged.record_key,
        merged.named_record_key,
        merged.email,
        merged.joined_record_key,
        merged.is_deleted,
        merged.joined_date

    from merged

),

living as (

    select
        addressed.record_key,
        addressed.named_record_key,
        addressed.email,
        addressed.joined_record_key,
        addressed.joined_date

    from addressed

    where
        addressed.email is not null
        and not addressed.is_deleted

),

shared as (

    select
        living.record_key,
        living.named_record_key,
        living.email

    from living

    inner join shared_mailboxes
        on
            {{ dbt.split_part('living.email', "'@'", 1) }}
            = {{ fold_text('shared_mailboxes.local_part') }}

),

-- A merged record without a name bears its survivor's.
named as (

    select
        shared.record_key,
        shared.named_record_key,
        shared.email,
        coalesce(
            {{ person_name('records') }},
            {{ person_name('survivors') }}
        ) as person_name

    from shared

    inner join {{ ref('int_lead_source_records') }} as records
        on shared.named_record_key = records.record_key

    inner join {{ ref('int_lead_source_records') }} as survivors
        on shared.record_key = survivors.record_key

),

-- Behind a shared address stand as many people as there are names.
several_people as (

    select named.email

    from named

    group by named.email

    having count(distinct named.person_name) > 1

),

told_apart as (

    select
        named.record_key,
        named.named_record_key,
        named.email,
        coalesce(named.person_name, '') as mailbox_name

    from named

    inner join several_people
        on named.email = several_people.email

),

named_mailboxes as (

    select
        told_apart.email,
        told_apart.mailbox_name,
        min(told_apart.record_key) as mailbox_key

    from told_apart

    group by
        told_apart.email,
        told_apart.mailbox_name

),

-- Most addresses stand in one record only: those need no look at the others.
plain_mailboxes as (

    select
        living.email,
        min(living.record_key) as mailbox_key

    from living

    group by living.email

    having count(*) > 1

),

mailboxes as (

    select
        living.email,
        living.record_key,
        coalesce(
            named_mailboxes.mailbox_key, plain_mailboxes.mailbox_key, living.record_key
        ) as mailbox_key,
        living.joined_record_key,
        living.joined_date

    from living

    left join plain_mailboxes
        on living.email = plain_mailboxes.email

    left join told_apart
        on
            living.record_key = told_apart.record_key
            and living.named_record_key = told_apart.named_record_key

    left join named_mailboxes
        on
            told_apart.email = named_mailboxes.email
            and told_apart.mailbox_name = named_mailboxes.mailbox_name

)

select * from mailboxes
