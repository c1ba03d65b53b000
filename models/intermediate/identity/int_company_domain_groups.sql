with

earlier_groups as (

    select * from {{ ref('int_company_number_groups') }}

),

evidence as (

    select * from {{ ref('int_company_evidence') }}

    where evidence = 'email_domain'

),

members as (

    select distinct
        evidence.bucket,
        earlier_groups.group_key,
        earlier_groups.corporate_number

    from evidence

    inner join earlier_groups
        on evidence.record_key = earlier_groups.record_key

    where evidence.bucket is not null

),

{{ group_by_shared_evidence() }},

labelled as (

    select
        earlier_groups.record_key,
        earlier_groups.corporate_number,
        coalesce(labels.label, earlier_groups.group_key) as group_key

    from earlier_groups

    left join labels
        on earlier_groups.group_key = labels.group_key

),

groups as (

    select
        min(labelled.corporate_number) over (partition by labelled.group_key) as corporate_number,
        labelled.record_key,
        labelled.group_key

    from labelled

)

select * from groups
