"""The options that a flag, a variable or leads.toml can give."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Option:
    """One option: `name` is its key in leads.toml; the other spellings follow from it."""

    name: str
    is_path: bool = False
    has_flag: bool = True

    @property
    def variable(self) -> str:
        """Name of the environment variable."""
        return f"LEADS_{self.name.upper()}"

    @property
    def flag(self) -> str:
        """Name on the command line."""
        return f"--{self.name.replace('_', '-')}"


# `accept` is missing on purpose: an acceptance is for one build and must not become a default.
OPTIONS: tuple[Option, ...] = (
    Option("source"),
    Option("raw_dir", is_path=True),
    Option("rules", is_path=True),
    Option("workdir", is_path=True),
    Option("state", is_path=True),
    Option("target"),
    Option("as_of"),
    Option("history_from"),
    Option("sample"),
    Option("language"),
    Option("timezone", has_flag=False),
    Option("full_refresh"),
    Option("wait"),
    Option("time_limit"),
    Option("exports", is_path=True, has_flag=False),
)

# Tables of leads.toml that are no options: vars for dbt, and database files that it attaches.
TABLES = ("vars", "attach")

# Read by dbt's profile, by alerts, by schedules or for debugging; no options of their own.
INTERNAL_VARIABLES = frozenset(
    {
        "LEADS_ALERT_EMAIL_FROM",
        "LEADS_ALERT_EMAIL_TO",
        "LEADS_ALERT_SMTP_HOST",
        "LEADS_ALERT_SMTP_PASSWORD",
        "LEADS_ALERT_SMTP_PORT",
        "LEADS_ALERT_SMTP_SECURITY",
        "LEADS_ALERT_SMTP_USER",
        "LEADS_ALERT_WEBHOOK_URL",
        "LEADS_ATTACH",
        "LEADS_DBT_TARGET_PATH",
        "LEADS_DEBUG",
        "LEADS_ENVIRONMENT",
        "LEADS_HISTORY_DAYS",
        "LEADS_MEMORY_LIMIT",
        "LEADS_RUN_DATE",
        "LEADS_WAREHOUSE",
    }
)

# Accounts of destinations and secrets of webhooks: their names stand with each destination.
DESTINATION_PREFIXES = ("LEADS_HUBSPOT_", "LEADS_SALESFORCE_", "LEADS_WEBHOOK_")


def unknown_variables(environment_names: frozenset[str]) -> list[str]:
    """Variables that look like settings and are none, so probably misspelt."""
    known = {option.variable for option in OPTIONS} | INTERNAL_VARIABLES
    return sorted(
        name
        for name in environment_names
        if name.startswith("LEADS_")
        and name not in known
        and not name.startswith(DESTINATION_PREFIXES)
    )
