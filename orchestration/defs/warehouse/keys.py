"""Names that other areas refer to."""

import dagster as dg

SNAPSHOT = dg.AssetKey(["published", "snapshot"])
RAW_DATA = dg.AssetKey(["quality", "raw_data"])
GATE = dg.AssetKey(["quality", "gate"])
SCORED_DAYS = dg.AssetKey(["history", "scored_days"])

# One writer at a time: the pool keeps runs in the queue, the lock of the workdir all others out.
POOL = "warehouse"
EXPORTS_GROUP = "exports"

HOURLY_BUILD = "hourly_build"
DAILY_BUILD = "daily_build"
BACKFILL = "backfill"
BUILDING_JOBS = (HOURLY_BUILD, DAILY_BUILD, BACKFILL)

# Of the snapshot: what the watch over raw files compares with.
RAW_FINGERPRINT = "raw_files"
