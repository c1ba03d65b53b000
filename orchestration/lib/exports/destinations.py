"""Which module opens which destination."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from orchestration.lib.exports.destination import Destination
from orchestration.lib.exports.sync import Sync
from orchestration.lib.exports.webhook.opening import open_webhook
from orchestration.lib.failures import RunFailed
from orchestration.lib.settings import Settings

# Each has a function (object_name, match_key, mode, environment) -> Destination; `match_key` is
# `record_id`, `email`, or the name of the destination's own field with unique values.
_CRM_MODULES = {
    "hubspot": ("orchestration.lib.exports.hubspot.destination", "open_hubspot"),
    "salesforce": ("orchestration.lib.exports.salesforce.destination", "open_salesforce"),
}


def open_destination(sync: Sync, settings: Settings, environment: Mapping[str, str]) -> Destination:
    """The destination of a sync; nothing is called yet.

    Raises:
        InputError: a variable that it needs is missing or wrong.
        RunFailed: this installation has no client for it.
    """
    if sync.destination == "webhook":
        return open_webhook(sync, settings, environment)
    place, function = _CRM_MODULES[sync.destination]
    try:
        module = importlib.import_module(place)
    except ModuleNotFoundError:
        raise RunFailed(f"This installation has no client for {sync.destination}.") from None
    destination: Destination = getattr(module, function)(
        sync.object_name, sync.matched_by, sync.mode, environment
    )
    if sync.batch_size is not None:
        destination.batch_size = min(sync.batch_size, destination.batch_size)
    return destination
