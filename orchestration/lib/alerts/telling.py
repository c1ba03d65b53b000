"""Telling what is new to every channel; none of this can fail a build."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from orchestration.lib.alerts.changes import find_news
from orchestration.lib.alerts.channels import PREFIX, Channel, ChannelFailed
from orchestration.lib.alerts.messages import compose
from orchestration.lib.alerts.observations import Observation
from orchestration.lib.alerts.told import ToldChannel, told_channels
from orchestration.lib.settings import Settings


def tell(
    settings: Settings,
    observations: Sequence[Observation],
    say: Callable[[str], None],
    environment: Mapping[str, str] | None = None,
) -> None:
    """Send what is new for a channel since it was last told, as one message.

    A channel that does not take it is told with the next run; `say` hears of it in one line.
    """
    environment = os.environ if environment is None else environment
    if not any(name.startswith(PREFIX) for name in environment):
        return
    seen_at = datetime.now(UTC)
    try:
        from orchestration.lib.alerts.channels import read_channels

        channels, complaints = read_channels(environment)
        for complaint in complaints:
            say(f"No alert was sent: {complaint}.")
        if channels:
            with told_channels(settings.workdir) as told:
                for channel in channels:
                    _tell_channel(settings, channel, told, observations, seen_at, say)
    except Exception as error:  # whatever it is, the build has ended as it has
        say(f"No alert was sent: unexpected {type(error).__name__}.")


def _tell_channel(
    settings: Settings,
    channel: Channel,
    told: dict[str, ToldChannel],
    observations: Sequence[Observation],
    seen_at: datetime,
    say: Callable[[str], None],
) -> None:
    news, after = find_news(told.get(channel.name, ToldChannel()), observations, seen_at)
    if news:
        try:
            channel.send(compose(settings, news))
        except ChannelFailed as error:
            say(f"No alert was sent: {error}. It is tried again with the next build.")
            return
    told[channel.name] = after
