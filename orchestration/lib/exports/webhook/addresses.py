"""Where a webhook may go: https, to an address of the public internet."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass

import httpx


class AddressRefusedError(Exception):
    """The address may not be called; the message names no part of the URL."""


@dataclass(frozen=True)
class CheckedAddress:
    """A URL whose host was looked up; `url` names the very address that was checked."""

    url: httpx.URL
    host: str
    is_https: bool


def check_address(url: str, *, allows_private: bool) -> CheckedAddress:
    """Look up the host once, and refuse what is not https or leads inside.

    The call goes to the address that was checked, so that a second answer of the name server
    cannot lead it elsewhere. `allows_private` lets private addresses pass, and plain http to
    this machine itself.

    Raises:
        AddressRefusedError: the URL is none, is not https, or leads to a private address.
    """
    try:
        parsed = httpx.URL(url.strip())
    except (httpx.InvalidURL, TypeError):
        raise AddressRefusedError("It is no URL.") from None
    if parsed.userinfo:
        raise AddressRefusedError("It holds a user or password.")
    if parsed.scheme not in ("https", "http") or not parsed.host:
        raise AddressRefusedError("It does not begin with https:// and a host.")
    address = _look_up(parsed)
    if not is_public(address) and not allows_private:
        raise AddressRefusedError(
            "It leads to a private address. LEADS_WEBHOOK_ALLOW_PRIVATE=true allows those."
        )
    if parsed.scheme == "http" and not (address.is_loopback and allows_private):
        raise AddressRefusedError("It is not https.")
    shown = f"[{address}]" if address.version == 6 else str(address)
    port = "" if parsed.port is None else f":{parsed.port}"
    return CheckedAddress(
        parsed.copy_with(host=str(address)),
        f"{parsed.host}{port}" or shown,
        parsed.scheme == "https",
    )


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address is one of the public internet, also behind an IPv6 form of IPv4."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address.teredo is not None:
            return False
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


def _look_up(url: httpx.URL) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
        addresses = [ipaddress.ip_address(str(entry[4][0]).split("%")[0]) for entry in found]
    except (OSError, ValueError, UnicodeError):
        raise AddressRefusedError("Its host is unknown.") from None
    # One private answer among public ones is reason enough to refuse.
    return next((address for address in addresses if not is_public(address)), addresses[0])
