"""Checks that no lead is left alone: routing always finds an owner, nurture always a program."""

from __future__ import annotations

from collections.abc import Callable

from orchestration.lib.problems import Problem
from orchestration.lib.seeds.names import did_you_mean
from orchestration.lib.seeds.period_checks import days_of_change, is_in_force
from orchestration.lib.seeds.tables import SeedRow, SeedSet, SeedTable

_TEAM_TURN = "team_turn"


def check_routing(seed_set: SeedSet) -> list[Problem]:
    """Targets of the rules, and an owner for every hand-off of every stage."""
    rules = seed_set.tables["routing_rules"]
    problems = [problem for row in rules.rows for problem in _check_target(seed_set, rules, row)]
    conditioned = _conditioned(seed_set.tables["routing_conditions"])
    policies = _dated(seed_set.tables["handoff_policies"])
    rows = _dated(rules)
    stages = dict.fromkeys(stage for row in (*rows, *policies) if (stage := _stage(row)))
    for stage in stages:
        of_stage = [row for row in rows if _stage(row) == stage]
        entering = [row for row in policies if _stage(row) == stage]
        problems.extend(
            _check_last(
                rules,
                of_stage,
                entering,
                lambda row: _takes_turns(row) and row.get("route_id") not in conditioned,
                f"The hand-offs of '{stage}' can stay without an owner: its last rule must be a "
                "team_turn without conditions",
                "Add a rule of the method team_turn with the greatest sort_order and no row in "
                "routing_conditions.csv.",
            )
        )
    return problems


def check_nurture(seed_set: SeedSet) -> list[Problem]:
    """A program for every lead that is not with sales."""
    programs = seed_set.tables["nurture_programs"]
    conditioned = _conditioned(seed_set.tables["nurture_conditions"])
    return _check_last(
        programs,
        _dated(programs),
        [],
        lambda row: row.get("program_id") not in conditioned,
        "Some leads can stay without a program: the last one must take everyone",
        "Add a program with the greatest sort_order and no row in nurture_conditions.csv.",
    )


def _check_last(
    table: SeedTable,
    rows: list[SeedRow],
    needed_by: list[SeedRow],
    takes_everyone: Callable[[SeedRow], bool],
    message: str,
    remedy: str,
) -> list[Problem]:
    """One problem where on some day the last row in force does not take everyone."""
    for day in days_of_change([*rows, *needed_by]):
        in_force = [row for row in rows if is_in_force(row, day)]
        if not in_force and not any(is_in_force(row, day) for row in needed_by):
            continue
        last = max(in_force, key=_place, default=None)
        if last is None or not takes_everyone(last):
            since = f" (from {day} on)" if day[0] != "0" else ""
            return [table.problem(last, "sort_order", f"{message}{since}.", remedy)]
    return []


def _takes_turns(row: SeedRow) -> bool:
    return "method" in row.unreadable or row.cells["method"] == _TEAM_TURN


def _place(row: SeedRow) -> tuple[int, int]:
    return int(row.cells["sort_order"] or 0), row.number


def _dated(table: SeedTable) -> list[SeedRow]:
    columns = ("valid_from", "valid_to", "sort_order")
    return [row for row in table.readable(*columns) if not _is_never(row)]


def _is_never(row: SeedRow) -> bool:
    begin, end = row.cells["valid_from"], row.cells["valid_to"]
    return begin is not None and end is not None and begin >= end


def _stage(row: SeedRow) -> str | None:
    return row.get("handoff_stage")


def _conditioned(conditions: SeedTable) -> set[str | None]:
    owner = conditions.spec.columns[0].name
    return {row.get(owner) for row in conditions.rows}


def _check_target(seed_set: SeedSet, rules: SeedTable, row: SeedRow) -> list[Problem]:
    method, target = row.get("method"), row.cells["target"]
    if method == _TEAM_TURN:
        return _check_team(seed_set, rules, row, target)
    if method == "open_deal_owner" and target is not None:
        message = "open_deal_owner has a target; the owner of the deal is the target."
        return [rules.problem(row, "target", message, "Empty the cell.")]
    if method == "last_touch_owner" and not _is_days(target):
        message = "last_touch_owner does not say how many days it looks back."
        return [rules.problem(row, "target", message, "Write a whole number of days, e.g. 90.")]
    if method == "company_owner" and target is not None:
        roles = _words(seed_set.tables["sales_teams"], "role")
        if target not in roles:
            return [
                rules.problem(
                    row,
                    "target",
                    f"No team has the role '{target}'.{did_you_mean(target, roles)}",
                    "Write a role of sales_teams.csv, or empty the cell to take any owner.",
                )
            ]
    return []


def _check_team(
    seed_set: SeedSet, rules: SeedTable, row: SeedRow, target: str | None
) -> list[Problem]:
    teams, members = seed_set.tables["sales_teams"], seed_set.tables["sales_members"]
    known = _words(teams, "team_id")
    if target is None or target not in known:
        fits = "" if teams.is_shipped or not rules.is_shipped else f" that {teams.file} has"
        said = (
            "team_turn names no team."
            if target is None
            else f"Unknown team '{target}'.{did_you_mean(target, known)}"
        )
        remedy = (
            f"Put a routing_rules.csv beside it with teams{fits}."
            if fits
            else "Write a team_id of sales_teams.csv."
        )
        return [rules.problem(row, "target", said, remedy)]
    has_turns = any(
        member.get("team_id") == target and member.get("turn_weight") not in (None, "0")
        for member in members.rows
    )
    if has_turns:
        return []
    message = f"Nobody in the team '{target}' takes turns, so its leads would have no owner."
    remedy = f"Add a member with a turn_weight of at least 1 to {members.file}."
    return [rules.problem(row, "target", message, remedy)]


def _is_days(text: str | None) -> bool:
    return text is not None and text.isascii() and text.isdigit() and 0 < int(text) < 100_000


def _words(table: SeedTable, column: str) -> set[str]:
    return {word for row in table.rows if (word := row.get(column))}
