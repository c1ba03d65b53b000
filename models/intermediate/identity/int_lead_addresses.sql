with

mailboxes as (

    select * from {{ ref('int_lead_mailboxes') }}

),

record_leads as (

    select * from {{ ref('int_record_leads') }}

    where record_key is not null

),

-- People outside of a sample are told apart too: key 0.
addresses as (

    select
        mailboxes.email,
        min(coalesce(record_leads.lead_key, 0)) as lead_key,
        case
            when
                count(*) = count(coalesce(mailboxes.joined_date, record_leads.joined_date))
                then min(coalesce(mailboxes.joined_record_key, record_leads.joined_record_key))
        end as joined_record_key,
        case
            when
                count(*) = count(coalesce(mailboxes.joined_date, record_leads.joined_date))
                then min(greatest(mailboxes.joined_date, record_leads.joined_date))
        end as joined_date

    from mailboxes

    left join record_leads
        on mailboxes.record_key = record_leads.record_key

    group by mailboxes.email

    having
        min(coalesce(record_leads.lead_key, 0)) = max(coalesce(record_leads.lead_key, 0))
        and min(coalesce(record_leads.lead_key, 0)) > 0

)

select * from addresses
