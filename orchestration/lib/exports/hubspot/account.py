"""How a HubSpot account is reached: address, token and limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from orchestration.lib.exports.crm.answers import Waits
from orchestration.lib.exports.crm.environment import Secret, base_url_of, number_of, secret_of
from orchestration.lib.problems import InputError, Problem

TOKEN = "LEADS_HUBSPOT_TOKEN"  # noqa: S105 - the name of a variable
URL = "LEADS_HUBSPOT_URL"
_PUBLIC_URL = "https://api.hubapi.com"


@dataclass(frozen=True)
class HubSpotAccount:
    """An account, with the limit of `calls` in any `period` seconds that its plan grants.

    `timezone` is that of the account: its daily limit ends at midnight there.
    """

    base_url: str
    token: Secret
    calls: int = 100
    period: float = 10.0
    calls_in_flight: int = 8
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    waits: Waits = field(default_factory=Waits)


def hubspot_account(environment: Mapping[str, str]) -> HubSpotAccount:
    """The account that the variables `LEADS_HUBSPOT_*` describe.

    Raises:
        InputError: one of them is missing or wrong.
    """
    zone = environment.get("LEADS_HUBSPOT_TIMEZONE", "").strip() or "UTC"
    try:
        timezone = ZoneInfo(zone)
    except (ValueError, OSError, LookupError):
        raise InputError(
            Problem(
                "variable LEADS_HUBSPOT_TIMEZONE: there is no such time zone.",
                "Write that of the HubSpot account, for instance Asia/Tokyo.",
            )
        ) from None
    return HubSpotAccount(
        base_url=base_url_of(environment, URL, _PUBLIC_URL),
        token=secret_of(environment, TOKEN, "Set it to the access token of a private app."),
        calls=int(number_of(environment, "LEADS_HUBSPOT_CALLS", 100, lowest=1, highest=10000)),
        period=number_of(
            environment, "LEADS_HUBSPOT_PERIOD_SECONDS", 10.0, lowest=0.01, highest=3600
        ),
        calls_in_flight=int(
            number_of(environment, "LEADS_HUBSPOT_CALLS_IN_FLIGHT", 8, lowest=1, highest=64)
        ),
        timezone=timezone,
    )
