"""Score and grade of a lead on a past day, as recorded."""

from __future__ import annotations

import shlex
from datetime import date

from orchestration.lib.inspection.explain import published_manifest, refuse_other_day
from orchestration.lib.inspection.prepared_seeds import Labels
from orchestration.lib.inspection.recorded_days import (
    RecordedDay,
    find_recorded_lead,
    first_recorded_day,
    open_published,
    read_recorded_day,
)
from orchestration.lib.inspection.since_sentences import grade_word, points_sentence
from orchestration.lib.inspection.texts import Texts
from orchestration.lib.settings import Settings


def explain_day(settings: Settings, lead_id: str, day: date) -> RecordedDay | None:
    """What is recorded of a lead for a day; None for the published one, whose ledger tells more.

    Raises:
        InputError: nothing is published, the day is not recorded, or there never was such a lead.
    """
    manifest = published_manifest(settings.workdir)
    if day == manifest.as_of_date:
        return None
    with open_published(settings.workdir, manifest) as connection:
        first = first_recorded_day(connection)
        if first is None or not first <= day < manifest.as_of_date:
            refuse_other_day(lead_id, day, manifest.as_of_date)
        lead_id = find_recorded_lead(connection, lead_id, manifest.as_of_date)
        return read_recorded_day(connection, lead_id, day)


def day_sentences(settings: Settings, recorded: RecordedDay) -> tuple[str, ...]:
    """The day in words, where the record comes from, and how to see every point of it."""
    texts = Texts(settings)
    labels = Labels(settings.workdir, settings.language, recorded.day)
    date_text = texts.day(recorded.day)
    command = (
        f"leads build --as-of {recorded.day} --workdir OTHER"
        f" --state {shlex.quote(str(settings.state))} &&"
        f" leads explain {shlex.quote(recorded.lead_id)} --workdir OTHER"
    )
    replay = texts.text("recorded_rules", command=command)
    if not recorded.is_scored:
        return (texts.text("recorded_unscored", date=date_text), replay)
    scores = {
        score_id: (labels.score(score_id), points) for score_id, points in recorded.scores.items()
    }
    return (
        texts.text(
            "recorded_scored",
            date=date_text,
            scores=points_sentence(scores, texts),
            grade=grade_word(recorded.grade, texts),
        ),
        texts.text(f"recorded_{recorded.origin}"),
        replay,
    )
