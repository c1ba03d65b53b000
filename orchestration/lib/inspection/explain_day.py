"""Score and grade of a lead on a past day, as recorded, and its ledger where a run has it."""

from __future__ import annotations

from datetime import date

import duckdb

from orchestration.lib.failures import RunFailed
from orchestration.lib.inspection.explain import LeadExplanation, explain_run, published_manifest
from orchestration.lib.inspection.prepared_seeds import Labels
from orchestration.lib.inspection.recorded_days import (
    RecordedDay,
    find_recorded_lead,
    first_recorded_day,
    open_published,
    read_recorded_day,
)
from orchestration.lib.inspection.replays import refuse_other_day, replay_commands
from orchestration.lib.inspection.since_sentences import grade_word, points_sentence
from orchestration.lib.inspection.texts import Texts
from orchestration.lib.problems import InputError
from orchestration.lib.publishing.manifest import read_manifest
from orchestration.lib.publishing.serving import list_runs
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
            refuse_other_day(settings, lead_id, day, manifest.as_of_date)
        lead_id = find_recorded_lead(connection, lead_id, manifest.as_of_date)
        return read_recorded_day(connection, lead_id, day)


def kept_ledger(settings: Settings, recorded: RecordedDay) -> LeadExplanation | None:
    """The ledger of that day, from the newest run as of it that is still kept.

    None if no such run is kept, or if what it says is not what stands recorded: a run that was
    published later for the same day, and is gone, may have said otherwise.
    """
    if not recorded.is_scored:
        return None
    for run_id in reversed(list_runs(settings.workdir)):
        try:
            manifest = read_manifest(settings.workdir.runs / run_id)
            if manifest.as_of_date != recorded.day:
                continue
            ledger = explain_run(settings, manifest, recorded.lead_id)
        except (InputError, RunFailed, duckdb.Error):
            # Half removed meanwhile, damaged, or of before the lead was known: not what is asked.
            continue
        points = {score.score_id: score.points for score in ledger.scores}
        if recorded.scores.items() <= points.items():
            return ledger
    return None


def day_sentences(
    settings: Settings, recorded: RecordedDay, ledger: LeadExplanation | None = None
) -> tuple[str, ...]:
    """The day in words, where the record comes from, and without a ledger how to get it."""
    texts = Texts(settings)
    labels = Labels(settings.workdir, settings.language, recorded.day)
    date_text = texts.day(recorded.day)
    command = " && ".join(replay_commands(settings, recorded.lead_id, recorded.day))
    replay: tuple[str, ...] = () if ledger else (texts.text("recorded_rules", command=command),)
    if not recorded.is_scored:
        return (texts.text("recorded_unscored", date=date_text), *replay)
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
        *replay,
    )
