with

owners as (
    {{ union_sources('owners', ['owner_id', 'owner_name']) }}
),

-- The ids of one source are those of its leads, deals and hand-offs; a second source may use them
-- for others, and the first one's name stands.
named as (

    select
        owners.owner_id,
        owners.owner_name,
        row_number() over (
            partition by owners.owner_id
            order by
                case owners.source_name
                    {%- for source_name in enabled_sources() %}
                    when '{{ source_name }}' then {{ loop.index }}
                    {%- endfor %}
                end,
                owners.owner_name nulls last
        ) as name_rank

    from owners

    where owners.owner_id is not null

),

first_names as (

    select
        named.owner_id,
        named.owner_name

    from named

    where named.name_rank = 1

)

select * from first_names
