"""Where alerts go, as the environment says."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Protocol

from orchestration.lib.alerts.messages import Message

PREFIX = "LEADS_ALERT_"


class ChannelFailed(Exception):  # noqa: N818 - reads as what happened
    """A channel cannot be used, or did not take a message; says it without a secret."""


class Channel(Protocol):
    """One way to reach people."""

    @property
    def name(self) -> str:
        """By which it is remembered what the channel was told."""
        ...

    def send(self, message: Message) -> None:
        """Hand a message over; it counts as told once this returns.

        Raises:
            ChannelFailed: it was not taken, after several attempts where that makes sense.
        """
        ...


def read_channels(environment: Mapping[str, str]) -> tuple[list[Channel], list[str]]:
    """The channels that are set up in `environment`, and what is wrong with those that are not."""
    from orchestration.lib.alerts.mail import mail_channel
    from orchestration.lib.alerts.webhook import webhook_channel

    values = {
        name: value.strip()
        for name, value in environment.items()
        if name.startswith(PREFIX) and value.strip()
    }
    channels: list[Channel] = []
    complaints: list[str] = []
    for make in (webhook_channel, mail_channel):
        try:
            channel = make(values)
        except ChannelFailed as error:
            complaints.append(str(error))
        else:
            if channel is not None:
                channels.append(channel)
    return channels, complaints


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, so that nothing crosses a network."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
