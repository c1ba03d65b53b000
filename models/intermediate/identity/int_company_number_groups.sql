with

records as (

    select * from {{ ref('int_company_records') }}

),

merged_pairs as (

    select
        records.record_key,
        survivors.record_key as surviving_record_key

    from records

    inner join records as survivors
        on
            records.source_name = survivors.source_name
            and records.surviving_record_id = survivors.record_id

    where not survivors.is_implied

),

-- A merge in the CRM is a person's decision: it outranks the numbers of the records.
members as (

    select
        merged_pairs.surviving_record_key as bucket,
        merged_pairs.record_key as group_key,
        cast(null as {{ dbt.type_string() }}) as corporate_number

    from merged_pairs

    union

    select
        merged_pairs.surviving_record_key as bucket,
        merged_pairs.surviving_record_key as group_key,
        cast(null as {{ dbt.type_string() }}) as corporate_number

    from merged_pairs

),

{{ group_by_shared_evidence() }},

labelled as (

    select
        records.record_key,
        records.corporate_number,
        coalesce(labels.label, records.record_key) as surviving_key

    from records

    left join labels
        on records.record_key = labels.group_key

),

-- The number of a merged company is the survivor's, whose key is the smallest.
survivor_numbers as (

    select
        labelled.surviving_key,
        {{ first_known_by('labelled.corporate_number', 'labelled.record_key') }} as corporate_number

    from labelled

    group by labelled.surviving_key

),

number_keys as (

    select
        survivor_numbers.corporate_number,
        min(survivor_numbers.surviving_key) as group_key

    from survivor_numbers

    where survivor_numbers.corporate_number is not null

    group by survivor_numbers.corporate_number

),

groups as (

    select
        survivor_numbers.corporate_number,
        labelled.record_key,
        coalesce(number_keys.group_key, labelled.surviving_key) as group_key

    from labelled

    inner join survivor_numbers
        on labelled.surviving_key = survivor_numbers.surviving_key

    left join number_keys
        on survivor_numbers.corporate_number = number_keys.corporate_number

)

select * from groups
