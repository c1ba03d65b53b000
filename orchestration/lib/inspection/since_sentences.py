"""Why a score moved, in two sentences."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from orchestration.lib.inspection.explain_since import CausePart, Change, NewRule, ScoreChange
from orchestration.lib.inspection.texts import Texts, name_of_label, number

_CAUSES_NAMED = 2
_RULES_NAMED = 2


def sentences(change: Change, texts: Texts) -> tuple[str, str]:
    """What score and grade were and are; then the strongest one or two causes."""
    return _what_moved(change, texts), _why(change, texts)


def points_sentence(scores: Mapping[str, tuple[str, Decimal]], texts: Texts) -> str:
    """Scores by id, each with its label, as one phrase."""
    return texts.listed(
        [
            texts.text("change_score_is", score=name_of_label(label), after=number(points))
            for label, points in scores.values()
        ]
    )


def grade_word(grade: str | None, texts: Texts) -> str:
    """A grade, or the word for none."""
    return grade or texts.text("change_grade_none")


def when_text(part: CausePart, texts: Texts) -> str:
    """The day of a cause, or how many days from which to which."""
    if part.days == 1:
        return texts.text("change_on_day", date=texts.day(part.first_date))
    return texts.text(
        "change_on_days",
        count=str(part.days),
        start=texts.day(part.first_date),
        end=texts.day(part.last_date),
    )


def rule_text(rule: NewRule, texts: Texts) -> str:
    """A rule with its newest event and how many events it counts."""
    return texts.text(
        "change_rule_repeated" if rule.occurrences > 1 else "change_rule",
        label=rule.label,
        date=texts.day(rule.last_event_date),
        count=str(rule.occurrences),
    )


def _what_moved(change: Change, texts: Texts) -> str:
    before, after = change.before, change.after
    days = {"start": texts.day(before.day), "end": texts.day(after.day)}
    reason = change.reason_unscored or texts.text("change_reason_unknown")
    held = {score.score_id: (score.label, score.before) for score in change.scores}
    holds = {score.score_id: (score.label, score.after) for score in change.scores}
    if before.is_scored and after.is_scored:
        moved = texts.listed([_score(score, texts) for score in change.scores])
        return texts.text("change_moved", scores=moved, grade=_grade(change, texts), **days)
    if after.is_scored:
        scores, grade = points_sentence(holds, texts), grade_word(after.grade, texts)
        return texts.text("change_started", scores=scores, grade=grade, **days)
    if before.is_scored:
        scores, grade = points_sentence(held, texts), grade_word(before.grade, texts)
        return texts.text("change_ended", scores=scores, grade=grade, reason=reason, **days)
    return texts.text("change_never", reason=reason, **days)


def _score(score: ScoreChange, texts: Texts) -> str:
    if score.after > score.before:
        kind = "change_score_rose"
    elif score.after < score.before:
        kind = "change_score_fell"
    else:
        kind = "change_score_stayed"
    return texts.text(
        kind,
        score=name_of_label(score.label),
        before=number(score.before),
        after=number(score.after),
    )


def _grade(change: Change, texts: Texts) -> str:
    before, after = (grade_word(day.grade, texts) for day in (change.before, change.after))
    kind = "change_grade_stayed" if before == after else "change_grade_moved"
    return texts.text(kind, before=before, after=after)


def _why(change: Change, texts: Texts) -> str:
    parts = [(score, part) for score in change.scores for part in score.parts]
    # Of causes of equal weight the one that stands first in the table.
    parts.sort(key=lambda item: -abs(item[1].points))
    strongest = [_cause(score, part, texts) for score, part in parts[:_CAUSES_NAMED]]
    if not strongest:
        return texts.text("change_no_cause")
    if len(strongest) == 1:
        return texts.text("change_one_cause", first=strongest[0])
    return texts.text("change_two_causes", first=strongest[0], second=strongest[1])


def _cause(score: ScoreChange, part: CausePart, texts: Texts) -> str:
    phrase = texts.cause_phrase(part.cause, part.points, name_of_label(score.label))
    rules = [rule_text(rule, texts) for rule in part.rules[:_RULES_NAMED]]
    details = texts.listed(rules, "change_rule_list") if rules else when_text(part, texts)
    return texts.text("change_detail", cause=phrase, details=details)
