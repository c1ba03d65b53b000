{%- set lists = {
    'job_level': ('job_levels', ['job_title']),
    'job_function': ('job_functions', ['department', 'job_title']),
    'industry_group': ('industries', ['industry']),
    'sales_territory': ('countries', ['country']),
} -%}
with

{% for attribute, (seed, columns) in lists.items() -%}
{{ seed }} as (

    select * from {{ ref(seed) }}

),

{% endfor -%}
lead_profiles as (

    select * from {{ ref('int_lead_profiles') }}

),

prefecture_names as (

    select * from {{ ref('int_prefecture_names') }}

),

patterns as (
    {% for attribute, (seed, columns) in lists.items() %}
    select
        '{{ attribute }}' as attribute,
        {{ seed }}.match,
        {{ fold_name(seed ~ '.pattern') }} as pattern,
        {{ seed }}.{{ attribute }} as class_value,
        {{ seed }}.priority

    from {{ seed }}
    {% if not loop.last %}
    union all
    {% endif %}
    {%- endfor %}

),

texts as (
    {% for attribute, (seed, columns) in lists.items() %}
    {%- set is_last_list = loop.last -%}
    {%- for column in columns %}
    select
        '{{ attribute }}' as attribute,
        lead_profiles.{{ column }} as text_value

    from lead_profiles

    where lead_profiles.{{ column }} is not null
    {% if not (is_last_list and loop.last) %}
    union
    {% endif %}
    {%- endfor %}
    {%- endfor %}

),

-- A row looks at what the rows above it have left of the text: `strip` takes its pattern away.
staged as (

    select
        patterns.*,
        count(*) filter (where patterns.match = 'strip') over (
            partition by patterns.attribute
            order by patterns.priority
            rows between unbounded preceding and current row
        ) as stage

    from patterns

),

stages as (

    select distinct
        staged.attribute,
        staged.stage

    from staged

    where staged.match <> 'strip'

),

stripped_parts as (

    select
        stages.attribute,
        stages.stage,
        {{ collect_ordered('staged.pattern', 'staged.stage') }} as parts

    from stages

    left join staged
        on
            stages.attribute = staged.attribute
            and staged.match = 'strip'
            and stages.stage >= staged.stage

    group by
        stages.attribute,
        stages.stage

),

remaining as (

    select
        texts.attribute,
        stripped_parts.stage,
        texts.text_value,
        {{ remove_parts(fold_name('texts.text_value'), 'stripped_parts.parts') }}  -- noqa: PRS
            as text_left

    from texts

    inner join stripped_parts
        on texts.attribute = stripped_parts.attribute

),

worded as (

    select
        remaining.*,
        {{ trim_text('remaining.text_left') }} as text,
        {{ latin_words('remaining.text_left') }} as words

    from remaining

),

matched as (

    select
        worded.attribute,
        worded.text_value,
        staged.class_value,
        row_number() over (
            partition by worded.attribute, worded.text_value order by staged.priority
        ) as match_rank

    from worded

    inner join staged
        on
            worded.attribute = staged.attribute
            and worded.stage = staged.stage

    where
        case staged.match
            when 'equals' then worded.text = staged.pattern
            when 'contains' then {{ position_of('staged.pattern', 'worded.text') }} > 0
            when 'starts_with' then {{ position_of('staged.pattern', 'worded.text') }} = 1
            when 'ends_with'
                then right(worded.text, {{ dbt.length('staged.pattern') }}) = staged.pattern
            when 'word'
                then {{ position_of(latin_words('staged.pattern'), 'worded.words') }} > 0
            when 'suffix'
                then
                    worded.text = staged.pattern
                    or right(worded.text, {{ dbt.length('staged.pattern') }} + 1)
                    = concat('.', staged.pattern)
            when 'default' then true
        end

),

prefecture_texts as (

    select distinct
        lead_profiles.prefecture as text_value,
        {{ prefecture_key('lead_profiles.prefecture') }} as prefecture_key

    from lead_profiles

    where lead_profiles.prefecture is not null

),

-- The first match wins, also where it says that the text tells nothing.
classes as (

    select
        matched.attribute,
        matched.text_value,
        matched.class_value

    from matched

    where
        matched.match_rank = 1
        and matched.class_value is not null

    union all

    select
        'prefecture' as attribute,
        prefecture_texts.text_value,
        prefecture_names.prefecture_code as class_value

    from prefecture_texts

    inner join prefecture_names
        on prefecture_texts.prefecture_key = prefecture_names.prefecture_key

)

select * from classes
