{#-
    CTEs that join groups of records which share a bucket of evidence: `members` (one row per bucket
    and group, with the corporate number of the group) becomes `labels` (group_key, label: the
    smallest group that it is joined with). A bucket in which two corporate numbers meet joins
    nobody; and where a chain of buckets would bring two numbers together, none of its links holds.

    Every round passes the smallest label on to all groups of a bucket, so that eight rounds reach
    over chains of eight buckets; a longer one stays in parts, which is never a wrong join.
-#}
{% macro group_by_shared_evidence(rounds=8) -%}
open_buckets as (

    select members.bucket

    from members

    group by members.bucket

    having
        count(*) > 1
        and count(distinct members.corporate_number) <= 1

),

links as (

    select
        members.bucket,
        members.group_key,
        members.corporate_number

    from members

    inner join open_buckets
        on members.bucket = open_buckets.bucket

),

labels_0 as (

    select
        links.group_key,
        min(links.corporate_number) as corporate_number,
        links.group_key as label

    from links

    group by links.group_key

),
{%- for round in range(1, rounds + 1) %}

bucket_labels_{{ round }} as (

    select
        links.bucket,
        min(labels_{{ round - 1 }}.label) as label

    from links

    inner join labels_{{ round - 1 }}
        on links.group_key = labels_{{ round - 1 }}.group_key

    group by links.bucket

),

labels_{{ round }} as (

    select
        links.group_key,
        min(links.corporate_number) as corporate_number,
        min(bucket_labels_{{ round }}.label) as label

    from links

    inner join bucket_labels_{{ round }}
        on links.bucket = bucket_labels_{{ round }}.bucket

    group by links.group_key

),
{%- endfor %}

sound_labels as (

    select labels_{{ rounds }}.label

    from labels_{{ rounds }}

    group by labels_{{ rounds }}.label

    having count(distinct labels_{{ rounds }}.corporate_number) <= 1

),

labels as (

    select
        labels_{{ rounds }}.group_key,
        labels_{{ rounds }}.label

    from labels_{{ rounds }}

    inner join sound_labels
        on labels_{{ rounds }}.label = sound_labels.label

)
{%- endmacro %}
