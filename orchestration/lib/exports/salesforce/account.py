"""How a Salesforce organisation is reached: address, credentials and limits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.lib.exports.crm.answers import Waits
from orchestration.lib.exports.crm.environment import Secret, base_url_of, number_of, secret_of
from orchestration.lib.problems import InputError, Problem

URL = "LEADS_SALESFORCE_URL"
CLIENT_ID = "LEADS_SALESFORCE_CLIENT_ID"
CLIENT_SECRET = "LEADS_SALESFORCE_CLIENT_SECRET"  # noqa: S105 - the name of a variable
USERNAME = "LEADS_SALESFORCE_USERNAME"
KEY_FILE = "LEADS_SALESFORCE_PRIVATE_KEY_FILE"
_VERSION = "LEADS_SALESFORCE_API_VERSION"
_AUDIENCE = "LEADS_SALESFORCE_AUDIENCE"


@dataclass(frozen=True)
class JwtCredentials:
    """A user for whom the app may act, and the key that signs for it (PEM)."""

    username: str
    private_key: Secret
    audience: str


@dataclass(frozen=True)
class SalesforceAccount:
    """An organisation. With `jwt` the app signs for a user, else it shows its own secret.

    More than `bulk_above` rows of one `send` go through Bulk API 2.0.
    """

    base_url: str
    client_id: Secret
    client_secret: Secret | None = None
    jwt: JwtCredentials | None = None
    api_version: str = "64.0"
    calls_in_flight: int = 4
    bulk_above: int = 2000
    bulk_rows: int = 50_000
    bulk_bytes: int = 90_000_000
    waits: Waits = field(default_factory=Waits)

    @property
    def data_path(self) -> str:
        """Where the REST API of the version begins."""
        return f"/services/data/v{self.api_version}"


def salesforce_account(environment: Mapping[str, str]) -> SalesforceAccount:
    """The organisation that the variables `LEADS_SALESFORCE_*` describe.

    Raises:
        InputError: one of them is missing or wrong.
    """
    version = environment.get(_VERSION, "").strip() or "64.0"
    if not re.fullmatch(r"\d{2,3}\.0", version):
        raise InputError(Problem(f"variable {_VERSION}: this is no version.", "Write it as 64.0."))
    is_jwt = bool(environment.get(USERNAME, "").strip() or environment.get(KEY_FILE, "").strip())
    return SalesforceAccount(
        base_url=base_url_of(environment, URL),
        client_id=secret_of(environment, CLIENT_ID, "Set it to the consumer key of the app."),
        client_secret=None
        if is_jwt
        else secret_of(
            environment,
            CLIENT_SECRET,
            f"Set it to the consumer secret of the app, or set {USERNAME} and {KEY_FILE}.",
        ),
        jwt=_jwt_of(environment) if is_jwt else None,
        api_version=version,
        calls_in_flight=int(
            number_of(environment, "LEADS_SALESFORCE_CALLS_IN_FLIGHT", 4, lowest=1, highest=25)
        ),
        bulk_above=int(
            number_of(environment, "LEADS_SALESFORCE_BULK_ABOVE", 2000, lowest=0, highest=1e9)
        ),
    )


def _jwt_of(environment: Mapping[str, str]) -> JwtCredentials:
    username = secret_of(environment, USERNAME, "Set it to the user for whom the app signs.")
    file = secret_of(environment, KEY_FILE, "Set it to the file with the private key (PEM).")
    try:
        key = Path(file.value).read_text(encoding="ascii")
    except (OSError, ValueError):
        key = ""
    if "PRIVATE KEY" not in key:
        raise InputError(
            Problem(
                f"variable {KEY_FILE}: the file cannot be read or holds no private key.",
                "Name a readable file in PEM form.",
            )
        )
    audience = environment.get(_AUDIENCE, "").strip() or "https://login.salesforce.com"
    return JwtCredentials(username.value, Secret(key), audience)
