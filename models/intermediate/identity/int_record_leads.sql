with

recursive records as (

    select * from {{ ref('int_lead_records') }}

),

source_records as (

    select * from {{ ref('int_lead_source_records') }}

),

record_merges as (

    select * from {{ ref('int_record_merges') }}

),

mailboxes as (

    select * from {{ ref('int_lead_mailboxes') }}

),

record_mailboxes as (

    select
        mailboxes.record_key,
        min(mailboxes.mailbox_key) as first_mailbox_key,
        max(mailboxes.mailbox_key) as last_mailbox_key

    from mailboxes

    group by mailboxes.record_key

),

-- Only a record with several addresses joins people who share none with each other.
links as (

    select distinct
        record_mailboxes.first_mailbox_key,
        mailboxes.mailbox_key

    from record_mailboxes

    inner join mailboxes
        on record_mailboxes.record_key = mailboxes.record_key

    where
        record_mailboxes.first_mailbox_key < record_mailboxes.last_mailbox_key
        and record_mailboxes.first_mailbox_key < mailboxes.mailbox_key

),

ways as (

    select
        links.first_mailbox_key as from_key,
        links.mailbox_key as to_key

    from links

    union all

    select
        links.mailbox_key as from_key,
        links.first_mailbox_key as to_key

    from links

),

-- The smallest number wanders to all that hang together; a greater one than what it meets stops.
reached as (

    select
        ways.from_key as mailbox_key,
        ways.from_key as person_key

    from ways

    union

    select
        ways.to_key as mailbox_key,
        reached.person_key

    from reached

    inner join ways
        on reached.mailbox_key = ways.from_key

    where reached.person_key < ways.to_key

),

joined_mailboxes as (

    select
        reached.mailbox_key,
        min(reached.person_key) as person_key

    from reached

    group by reached.mailbox_key

),

persons as (

    select
        records.record_key,
        coalesce(
            joined_mailboxes.person_key, record_mailboxes.first_mailbox_key, records.record_key
        ) as person_key

    from records

    left join record_mailboxes
        on records.record_key = record_mailboxes.record_key

    left join joined_mailboxes
        on record_mailboxes.first_mailbox_key = joined_mailboxes.mailbox_key

    where not exists (
        select 1
        from record_merges
        where
            records.source_name = record_merges.source_name
            and records.lead_id = record_merges.merged_lead_id
    )

),

several_records as (

    select persons.person_key

    from persons

    group by persons.person_key

    having count(*) > 1

),

-- Of records with one address the one created first gives its id, then that of the first source.
ranked as (

    select
        records.record_key,
        persons.person_key,
        row_number() over (
            partition by persons.person_key
            order by records.created_at nulls last, records.source_rank, records.lead_id
        ) as record_rank,
        records.created_date

    from several_records

    inner join persons
        on several_records.person_key = persons.person_key

    inner join {{ ref('int_lead_records') }} as records
        on persons.record_key = records.record_key

),

-- A record joins when it and the one that gives the id are both there.
joined_records as (

    select
        ranked.record_key,
        greatest(ranked.created_date, lead_records.created_date) as joined_date

    from ranked

    inner join ranked as lead_records
        on
            ranked.person_key = lead_records.person_key
            and lead_records.record_rank = 1

    where ranked.record_rank > 1

),

leading_records as (

    select
        persons.record_key,
        coalesce(ranked.record_key, persons.record_key) as leading_record_key

    from persons

    left join ranked
        on
            persons.person_key = ranked.person_key
            and ranked.record_rank = 1

),

-- The key is a dense number for joins inside the build; lead_id is the name that people know.
leads as (

    select
        leading_records.leading_record_key,
        records.qualified_lead_id as lead_id,
        cast(row_number() over (order by leading_records.leading_record_key) as integer)
            as lead_key

    from leading_records

    inner join {{ ref('int_lead_records') }} as records
        on leading_records.leading_record_key = records.record_key

    where
        leading_records.record_key = leading_records.leading_record_key
        and {{ in_sample('records.qualified_lead_id') }}

),

living as (

    select
        records.source_name,
        records.lead_id as record_id,
        leads.lead_id,
        leads.lead_key,
        records.record_key,
        records.record_key = leading_records.leading_record_key as is_lead_record,
        case when joined_records.joined_date is not null then records.record_key end
            as joined_record_key,
        joined_records.joined_date

    from {{ ref('int_lead_records') }} as records

    inner join leading_records
        on records.record_key = leading_records.record_key

    inner join leads
        on leading_records.leading_record_key = leads.leading_record_key

    left join joined_records
        on records.record_key = joined_records.record_key

),

-- A merged record that shared its address with an older one of the person was joined already.
joined_by_address as (

    select
        merged_mailboxes.joined_record_key as record_key,
        min(greatest(merged_records.created_date, older_records.created_date)) as joined_date

    from mailboxes as merged_mailboxes

    inner join source_records as merged_records
        on merged_mailboxes.joined_record_key = merged_records.record_key

    inner join mailboxes as older_mailboxes
        on
            merged_mailboxes.mailbox_key = older_mailboxes.mailbox_key
            and merged_mailboxes.email = older_mailboxes.email

    inner join source_records as older_records
        on older_mailboxes.record_key = older_records.record_key

    where
        older_mailboxes.joined_record_key is null
        and (
            older_records.created_at < merged_records.created_at
            or (
                {{ is_same_value('older_records.created_at', 'merged_records.created_at') }}
                and older_records.lead_id < merged_records.lead_id
            )
            or (
                older_records.created_at is not null
                and merged_records.created_at is null
            )
        )

    group by merged_mailboxes.joined_record_key

),

-- Events and outcomes of a record that was merged away belong to its survivor.
record_leads as (

    select
        living.source_name,
        living.record_id,
        living.lead_id,
        living.lead_key,
        living.record_key,
        living.joined_record_key,
        living.is_lead_record,
        living.joined_date

    from living

    union all

    select
        record_merges.source_name,
        record_merges.merged_lead_id as record_id,
        living.lead_id,
        living.lead_key,
        cast(null as integer) as record_key,
        case
            when coalesce(record_merges.joined_date, living.joined_date) is not null
                then source_records.record_key
        end as joined_record_key,
        false as is_lead_record,
        case
            when joined_by_address.record_key is not null
                then greatest(joined_by_address.joined_date, living.joined_date)
            else greatest(record_merges.joined_date, living.joined_date)
        end as joined_date

    from record_merges

    inner join living
        on
            record_merges.source_name = living.source_name
            and record_merges.surviving_lead_id = living.record_id

    left join source_records
        on
            record_merges.source_name = source_records.source_name
            and record_merges.merged_lead_id = source_records.lead_id

    left join joined_by_address
        on source_records.record_key = joined_by_address.record_key

)

select * from record_leads
