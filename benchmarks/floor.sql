-- The least that any scoring has to do: read the events once, group them by lead and type.
create table floor_counts as
select
    lead_id,
    event_type,
    count(*) as event_count
from read_parquet('$events')
group by
    lead_id,
    event_type
