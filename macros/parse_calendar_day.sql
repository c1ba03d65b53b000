{#-
    The day that a text without a time names: 2026-04-01, 2026/4/1, 2026年4月1日, R8.4.1, 令和8年4月1日.
    The eras begin with year one, so that the year is the era's base plus its count.
-#}
{% macro parse_calendar_day(text) -%}
    {{ return(adapter.dispatch('parse_calendar_day')(text)) }}
{%- endmacro %}

{% macro default__parse_calendar_day(text) -%}
    {%- set era = '^(R|H|S|令和|平成|昭和)([0-9]{1,2}|元)[.年/]([0-9]{1,2})[.月/]([0-9]{1,2})日?$' -%}
    case
        when regexp_full_match({{ text }}, '[0-9]{4}-[0-9]{2}-[0-9]{2}')
            then try_cast({{ text }} as date)
        when regexp_full_match({{ text }}, '[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}')
            then try_cast(replace({{ text }}, '/', '-') as date)
        when regexp_full_match({{ text }}, '[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日')
            then try_cast(translate({{ text }}, '年月日', '--') as date)
        when regexp_matches({{ text }}, '{{ era }}')
            then try_cast(
                concat(
                    case
                        when regexp_matches({{ text }}, '^(R|令和)') then 2018
                        when regexp_matches({{ text }}, '^(H|平成)') then 1988
                        else 1925
                    end
                    + coalesce(try_cast(regexp_extract({{ text }}, '{{ era }}', 2) as integer), 1),
                    '-', regexp_extract({{ text }}, '{{ era }}', 3),
                    '-', regexp_extract({{ text }}, '{{ era }}', 4)
                )
                as date
            )
    end
{%- endmacro %}
