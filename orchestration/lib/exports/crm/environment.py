"""Addresses, secrets and numbers that a destination takes from the environment."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from orchestration.lib.problems import InputError, Problem


@dataclass(frozen=True)
class Secret:
    """A text that no representation shows."""

    value: str = field(repr=False)


def secret_of(environment: Mapping[str, str], name: str, remedy: str) -> Secret:
    """The secret in the variable `name`.

    Raises:
        InputError: it is not set, or holds what no header can carry.
    """
    value = environment.get(name, "").strip()
    if not value:
        raise InputError(Problem(f"variable {name}: it is not set.", remedy))
    if not (value.isascii() and value.isprintable()):
        raise InputError(Problem(f"variable {name}: it holds characters no token has.", remedy))
    return Secret(value)


def number_of(
    environment: Mapping[str, str], name: str, default: float, *, lowest: float, highest: float
) -> float:
    """The number in the variable `name`, or the default.

    Raises:
        InputError: it is no number, or outside of the limits.
    """
    text = environment.get(name, "").strip()
    if not text:
        return default
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not lowest <= number <= highest:
        raise InputError(
            Problem(
                f"variable {name}: it must be a number from {lowest:g} to {highest:g}.",
                f"Correct it, or leave it out for {default:g}.",
            )
        )
    return number


def base_url_of(environment: Mapping[str, str], name: str, default: str | None = None) -> str:
    """The address in the variable `name`, without a slash at its end.

    Raises:
        InputError: it is not set, no address, or one over which a token would travel in clear.
    """
    text = environment.get(name, "").strip() or default
    if text is None:
        raise InputError(
            Problem(
                f"variable {name}: it is not set.",
                "Set it to the address of the account, https://…",
            )
        )
    if problem := address_problem(text):
        raise InputError(Problem(f"variable {name}: {problem}", "Write it as https://host."))
    return text.rstrip("/")


def address_problem(address: str) -> str | None:
    """Why secrets must not be sent to the address; None if they may."""
    try:
        parts = urlsplit(address)
        host, has_port = parts.hostname, parts.port != 0
    except ValueError:
        return "this is no address."
    if not host or not has_port:
        return "this is no address."
    if parts.username or parts.password or parts.query or parts.fragment:
        return "an address bears no user, query or fragment."
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(address)):
        return "secrets are sent over https only."
    return None


def is_loopback(address: str) -> bool:
    """Whether the address is this machine itself."""
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
