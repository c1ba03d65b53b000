"""`leads explain`."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.commands import options
from orchestration.commands.outcomes import exit_codes, print_json


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
    workdir: options.WorkdirOption = None,
    language: Annotated[
        str | None, typer.Option("--language", metavar="en|ja", help="Language of the labels. [en]")
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Show every point of one lead, or why one rule gave it points or did not."""
    with exit_codes(as_json=as_json):
        from orchestration.lib.settings import resolve_settings

        settings = resolve_settings({"workdir": workdir, "language": language, "as_of": as_of})
        # Only a day that was asked for is compared: a default of builds must not refuse a question.
        day = None if as_of is None else settings.as_of_date
        if rule is None:
            from orchestration.lib.inspection.explain import explain_lead

            explanation = explain_lead(settings, lead, day)
            if as_json:
                print_json({"ok": True, "lead": explanation.to_json()})
            else:
                from orchestration.commands.explain_page import print_lead

                print_lead(explanation)
        else:
            from orchestration.lib.inspection.explain_rule import explain_rule
            from orchestration.lib.inspection.explain_verdict import verdict

            answer = explain_rule(settings, lead, rule, day)
            if as_json:
                print_json({"ok": True, "rule": {**answer.to_json(), "verdict": verdict(answer)}})
            else:
                from orchestration.commands.explain_page import print_rule

                print_rule(answer)
