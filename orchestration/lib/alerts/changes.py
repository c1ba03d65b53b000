"""What is new for a channel in what a run saw."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from orchestration.lib.alerts.observations import Observation
from orchestration.lib.alerts.told import Told, ToldChannel

Change = Literal["began", "changed", "ended"]


@dataclass(frozen=True)
class News:
    """A change of state; `lasted` is how long a trouble took that ended."""

    change: Change
    observation: Observation
    lasted: timedelta = timedelta()


def find_news(
    channel: ToldChannel, observations: Iterable[Observation], seen_at: datetime
) -> tuple[list[News], ToldChannel]:
    """What a channel has to be told, and what it knows then.

    A trouble with a cause that the channel has not heard of since it began is news; a run that
    ended before the newest one that was told is none.
    """
    if channel.seen_at is not None and seen_at < channel.seen_at:
        return [], channel
    news: list[News] = []
    troubles = dict(channel.troubles)
    for observation in observations:
        before = troubles.get(observation.topic)
        if not observation.lines:
            if before is not None:
                del troubles[observation.topic]
                if before.is_lasting:
                    news.append(News("ended", observation, seen_at - before.since))
            continue
        if before is None:
            news.append(News("began", observation))
            troubles[observation.topic] = Told(observation.causes, seen_at, observation.is_lasting)
            continue
        if observation.causes - before.causes:
            news.append(News("changed", observation))
        troubles[observation.topic] = Told(
            before.causes | observation.causes,
            before.since,
            before.is_lasting or observation.is_lasting,
        )
    return news, ToldChannel(seen_at, troubles)
