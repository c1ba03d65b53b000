"""`leads explain`."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from orchestration.commands import options
from orchestration.commands.outcomes import exit_codes, print_json
from orchestration.lib.problems import InputError, Problem

if TYPE_CHECKING:
    from orchestration.lib.settings import Settings


def explain_command(
    lead: Annotated[
        str, typer.Argument(metavar="LEAD", help="Id of the lead, as the source has it.")
    ],
    rule: Annotated[
        str | None,
        typer.Option("--rule", metavar="RULE", help="Why this rule gave points or did not."),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="Day to explain, YYYY-MM-DD. [published day]"),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="DATE", help="Why the score moved since the end of DATE."),
    ] = None,
    workdir: options.WorkdirOption = None,
    language: Annotated[
        str | None, typer.Option("--language", metavar="en|ja", help="Language of the labels. [en]")
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Show every point of one lead, why they changed, or why one rule gave them or did not."""
    with exit_codes(as_json=as_json):
        from orchestration.lib.settings import resolve_settings

        settings = resolve_settings({"workdir": workdir, "language": language, "as_of": as_of})
        # Only a day that was asked for is compared: a default of builds must not refuse a question.
        day = None if as_of is None else settings.as_of_date
        if since is not None:
            if rule is not None:
                raise InputError(Problem("--since and --rule go apart.", "Leave one of them out."))
            _tell_change(settings, lead, options.day("--since", since), day, as_json=as_json)
        elif rule is not None:
            _tell_rule(settings, lead, rule, day, as_json=as_json)
        elif day is None or not _tell_day(settings, lead, day, as_json=as_json):
            _tell_lead(settings, lead, day, as_json=as_json)


def _tell_lead(settings: Settings, lead: str, day: date | None, *, as_json: bool) -> None:
    from orchestration.lib.inspection.explain import explain_lead

    explanation = explain_lead(settings, lead, day)
    if as_json:
        print_json({"ok": True, "lead": explanation.to_json()})
        return
    from orchestration.commands.explain_page import print_lead

    print_lead(explanation)


def _tell_rule(
    settings: Settings, lead: str, rule: str, day: date | None, *, as_json: bool
) -> None:
    from orchestration.lib.inspection.explain_rule import explain_rule
    from orchestration.lib.inspection.explain_verdict import verdict

    answer = explain_rule(settings, lead, rule, day)
    if as_json:
        print_json({"ok": True, "rule": {**answer.to_json(), "verdict": verdict(answer)}})
        return
    from orchestration.commands.explain_page import print_rule

    print_rule(answer)


def _tell_change(
    settings: Settings, lead: str, since: date, day: date | None, *, as_json: bool
) -> None:
    from orchestration.lib.inspection.explain_since import explain_since
    from orchestration.lib.inspection.since_sentences import sentences
    from orchestration.lib.inspection.texts import Texts

    change, texts = explain_since(settings, lead, since, day), Texts(settings)
    said = sentences(change, texts)
    if as_json:
        print_json({"ok": True, "change": change.to_json(said)})
        return
    from orchestration.commands.since_page import print_change

    print_change(change, said, texts)


def _tell_day(settings: Settings, lead: str, day: date, *, as_json: bool) -> bool:
    """What is known of an earlier day; False for the published day, which is told as ever."""
    from orchestration.lib.inspection.explain_day import day_sentences, explain_day, kept_ledger

    recorded = explain_day(settings, lead, day)
    if recorded is None:
        return False
    ledger = kept_ledger(settings, recorded)
    said = day_sentences(settings, recorded, ledger)
    if as_json:
        lines = None if ledger is None else ledger.to_json()
        content = {**recorded.to_json(), "sentences": list(said), "ledger": lines}
        print_json({"ok": True, "day": content})
    else:
        from orchestration.commands.since_page import print_day

        print_day(said)
        if ledger is not None:
            from orchestration.commands.explain_page import print_lead

            print_lead(ledger)
    return True
