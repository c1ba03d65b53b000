{#-
    The UTC timestamp that a text of seconds or milliseconds since 1970 stands for, to the second;
    null where it is neither.
-#}
{% macro epoch_to_utc(text) -%}
    {{ return(adapter.dispatch('epoch_to_utc')(text)) }}
{%- endmacro %}

{% macro default__epoch_to_utc(text) -%}
    case
        when regexp_full_match({{ text }}, '[0-9]{9,10}')
            then timezone('UTC', to_timestamp(try_cast({{ text }} as bigint)))
        when regexp_full_match({{ text }}, '[0-9]{12,13}')
            then timezone('UTC', to_timestamp(try_cast({{ text }} as bigint) // 1000))
    end
{%- endmacro %}
