{#-
    List of the places that stand in the names of branches, folded, the longest first: prefectures
    by both names and branch_places.csv. The seeds are asked while a model compiles.
-#}
{% macro branch_place_names() -%}
    {%- set query -%}
        select {{ fold_name('place') }} as place
        from (
            select place from {{ ref('branch_places') }}
            union
            select name_en from {{ ref('prefectures') }}
            union
            select name_ja from {{ ref('prefectures') }}
            union
            select regexp_replace(name_ja, '[都府県]$', '') from {{ ref('prefectures') }}
        ) as places (place)
        order by length(place) desc, place
    {%- endset -%}
    {%- set places = [] -%}
    {%- for row in seed_rows([ref('branch_places'), ref('prefectures')], query) -%}
        {%- do places.append(row[0]) -%}
    {%- endfor -%}
    {{ return(places) }}
{%- endmacro %}
