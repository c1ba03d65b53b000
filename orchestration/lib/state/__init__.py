"""What cannot be derived from raw data and seeds again, and outlives every build file."""

from orchestration.lib.state.export_log import copy_export_log
from orchestration.lib.state.score_history import (
    record_past_days,
    record_score_history,
    recorded_days,
)
from orchestration.lib.state.state_file import (
    ensure_state,
    forget_pending_run,
    pending_run,
    state_transaction,
    unpublished_transaction,
)
from orchestration.lib.state.value_changes import note_value_changes, record_value_changes

__all__ = [
    "copy_export_log",
    "ensure_state",
    "forget_pending_run",
    "note_value_changes",
    "pending_run",
    "record_past_days",
    "record_score_history",
    "record_value_changes",
    "recorded_days",
    "state_transaction",
    "unpublished_transaction",
]
