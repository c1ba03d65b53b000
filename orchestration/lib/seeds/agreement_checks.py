"""Checks of the agreement between marketing and sales: calendars, people, promises, words."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from itertools import combinations, pairwise

from orchestration.lib.problems import Notice, Problem
from orchestration.lib.seeds.known_fields import KnownFields
from orchestration.lib.seeds.names import did_you_mean
from orchestration.lib.seeds.period_checks import period_of
from orchestration.lib.seeds.policy_checks import check_policies
from orchestration.lib.seeds.routing_checks import check_nurture, check_routing
from orchestration.lib.seeds.tables import SeedRow, SeedSet, SeedTable

# Seeds that are tried in an order: by what two rows must agree to stand in each other's way.
_ORDERED: dict[str, str | None] = {
    "handoff_stages": None,
    "handoff_policies": "handoff_stage",
    "routing_rules": "handoff_stage",
    "nurture_programs": None,
    "next_steps": None,
    "lifecycle_stages": None,
}
_CLOCKS = ("remind_after_hours", "escalate_after_hours", "reassign_after_hours")
_ENTRIES = ("first_record", "deal_won", "deal_lost")
_LISTED_ENTRIES = {
    "handoff_created": ("handoff_stages", "handoff_stage"),
    "disposition": ("disposition_values", "disposition"),
}


def check_agreement(
    seed_set: SeedSet, known: KnownFields | None
) -> tuple[list[Problem], list[Notice]]:
    """Check what marketing and sales agreed on. Without `known`, fields are not checked."""
    tables = seed_set.tables
    problems, notices = check_policies(seed_set, known)
    problems += check_routing(seed_set)
    problems += check_nurture(seed_set)
    for name, group in _ORDERED.items():
        problems += _check_order(tables[name], group)
    problems += _check_hours(tables["business_hours"])
    problems += _check_owners(tables["sales_members"])
    for row in tables["sales_absences"].readable("absent_from", "absent_to"):
        problems += _check_days(tables["sales_absences"], row, "absent_from", "absent_to")
    problems += _check_agreements(tables["agreements"])
    problems += _check_promises(tables["service_levels"])
    problems += _check_reasons(tables["disposition_reasons"])
    problems += _check_touches(seed_set)
    problems += _check_entries(seed_set)
    problems += _check_months(tables["targets"])
    return problems, notices


def _check_order(table: SeedTable, group: str | None) -> list[Problem]:
    """Rows in force on the same day with one place: which of them is tried first is unknown."""
    key = table.spec.key[0]
    at_place: dict[tuple[str | None, str | None], list[SeedRow]] = defaultdict(list)
    for row in table.readable("sort_order", "valid_from", "valid_to"):
        at_place[(row.get(group) if group else None, row.cells["sort_order"])].append(row)
    problems = []
    for rows in at_place.values():
        for earlier, later in combinations(rows, 2):
            if earlier.get(key) != later.get(key) and _share_a_day(earlier, later):
                problems.append(
                    table.problem(
                        later,
                        "sort_order",
                        f"Row {earlier.number} has the same place in the order.",
                        "Give every row that is in force at the same time its own sort_order.",
                    )
                )
                break
    return problems


def _share_a_day(one: SeedRow, other: SeedRow) -> bool:
    (begin, end), (other_begin, other_end) = period_of(one), period_of(other)
    return max(begin, other_begin) < min(end, other_end)


def _check_hours(hours: SeedTable) -> list[Problem]:
    problems: list[Problem] = []
    zones: dict[str, SeedRow] = {}
    of_day: dict[tuple[str, str], list[SeedRow]] = defaultdict(list)
    for row in hours.rows:
        calendar, zone = row.get("calendar_id"), row.get("time_zone")
        if calendar is None:
            continue
        if zone is not None and zones.setdefault(calendar, row).cells["time_zone"] != zone:
            problems.append(
                hours.problem(
                    row,
                    "time_zone",
                    f"The calendar has another time zone in row {zones[calendar].number}.",
                    "Give all rows of a calendar one time zone, or make it a calendar of its own.",
                )
            )
        opens, closes, weekday = (row.get(name) for name in ("opens_at", "closes_at", "weekday"))
        if opens is None or closes is None or weekday is None:
            continue
        if opens >= closes:
            problems.append(
                hours.problem(
                    row,
                    "closes_at",
                    "The interval closes before it opens.",
                    "Write the later time; what goes on past midnight needs a row for each day.",
                )
            )
        else:
            of_day[(calendar, weekday)].append(row)
    for rows in of_day.values():
        rows.sort(key=lambda row: (row.cells["opens_at"] or "", row.number))
        problems += _overlapping_hours(hours, rows)
    return problems


def _overlapping_hours(hours: SeedTable, rows: list[SeedRow]) -> list[Problem]:
    problems = []
    latest = rows[0]
    for row in rows[1:]:
        opens, closes = row.cells["opens_at"] or "", row.cells["closes_at"] or ""
        latest_end = latest.cells["closes_at"] or ""
        # Equal openings are a doubled key, which is reported as such.
        if opens < latest_end and opens != latest.cells["opens_at"]:
            message = f"The interval overlaps with that of row {latest.number}."
            remedy = "End the earlier one when the next one opens, or join them."
            problems.append(hours.problem(row, "opens_at, closes_at", message, remedy))
        if closes > latest_end:
            latest = row
    return problems


def _check_owners(members: SeedTable) -> list[Problem]:
    of_owner: dict[str, list[SeedRow]] = defaultdict(list)
    for row in members.readable("valid_from", "valid_to", "member_id"):
        if (owner := row.get("crm_owner_id")) is not None:
            of_owner[owner].append(row)
    return [
        members.problem(
            later,
            "crm_owner_id",
            f"Row {earlier.number} gives the same owner to another member at the same time.",
            "Correct one of the two; an owner in the CRM is one member.",
        )
        for rows in of_owner.values()
        for earlier, later in combinations(rows, 2)
        if earlier.cells["member_id"] != later.cells["member_id"] and _share_a_day(earlier, later)
    ]


def _check_days(table: SeedTable, row: SeedRow, first: str, last: str) -> list[Problem]:
    begin, end = row.cells[first], row.cells[last]
    if begin is None or end is None or begin <= end:
        return []
    return [
        table.problem(
            row,
            last,
            f"The day lies before {first}.",
            "Swap the two days, or correct one of them.",
        )
    ]


def _check_agreements(agreements: SeedTable) -> list[Problem]:
    problems: list[Problem] = []
    begins: dict[str, SeedRow] = {}
    for row in agreements.readable("valid_from", "next_review_on"):
        problems += _check_days(agreements, row, "valid_from", "next_review_on")
        begin = row.cells["valid_from"] or ""
        if begins.setdefault(begin, row) is not row:
            message = f"The agreement of row {begins[begin].number} begins on the same day."
            remedy = "Give each agreement its own first day; the next one ends it."
            problems.append(agreements.problem(row, "valid_from", message, remedy))
    return problems


def _check_promises(levels: SeedTable) -> list[Problem]:
    problems = []
    for row in levels.rows:
        told = [(name, Decimal(text)) for name in _CLOCKS if (text := row.get(name)) is not None]
        for (earlier, hours), (later, later_hours) in pairwise(told):
            if later_hours < hours:
                problems.append(
                    levels.problem(
                        row,
                        later,
                        f"{later} comes before {earlier}.",
                        "Remind first, then escalate, then reassign.",
                    )
                )
    return problems


def _check_reasons(reasons: SeedTable) -> list[Problem]:
    problems = []
    for row in reasons.readable("next_route", "program_id", "needs_recontact_date"):
        route = row.cells["next_route"]
        if route == "recontact" and row.cells["needs_recontact_date"] != "true":
            problems.append(
                reasons.problem(
                    row,
                    "needs_recontact_date",
                    "The lead is to be called again, but no date is asked for.",
                    "Set it to true, or take another next_route.",
                )
            )
        if route == "nurture" and row.cells["program_id"] is None:
            problems.append(
                reasons.problem(
                    row,
                    "program_id",
                    "The lead goes to nurture, but to no program.",
                    "Write a program_id of nurture_programs.csv.",
                )
            )
    return problems


def _check_touches(seed_set: SeedSet) -> list[Problem]:
    """Words about what was logged as done name its kind, a type of event."""
    words, types = seed_set.tables["disposition_values"], seed_set.tables["event_types"]
    if words.is_shipped and not types.is_shipped:
        return []
    known = {name for row in types.rows if (name := row.get("event_type"))}
    return [
        words.problem(
            row,
            "source_field",
            f"Unknown event type '{kind}'.{did_you_mean(kind, known)}",
            f"Write a type of {types.file}, or another source_object.",
        )
        for row in words.rows
        if row.get("source_object") == "touch"
        and (kind := row.get("source_field")) is not None
        and kind not in known
    ]


def _check_entries(seed_set: SeedSet) -> list[Problem]:
    """What lets a lead enter a stage: `kind:a|b`, or a word that needs no list."""
    stages = seed_set.tables["lifecycle_stages"]
    known = {
        kind: {row.get(column) for row in seed_set.tables[seed].rows}
        for kind, (seed, column) in _LISTED_ENTRIES.items()
    }
    problems = []
    for row in stages.rows:
        kind: str | None = None
        for item in (row.get("entered_by") or "").split("|"):
            head, colon, tail = item.partition(":")
            kind = head if colon else kind
            word = tail if colon else item
            if not row.get("entered_by") or (not colon and word in _ENTRIES):
                continue
            if kind is None or word not in known.get(kind, ()):
                words = {name for name in known.get(kind or "", ()) if name} | set(_ENTRIES)
                problems.append(
                    stages.problem(
                        row,
                        "entered_by",
                        f"Unknown entry '{item}'.{did_you_mean(word, words)}",
                        "Write first_record, deal_won, deal_lost, handoff_created: with hand-off "
                        "stages, or disposition: with dispositions, and | between them.",
                    )
                )
    return problems


def _check_months(targets: SeedTable) -> list[Problem]:
    return [
        targets.problem(
            row,
            "month_start",
            "The day is not the first of a month.",
            f"Write {(row.cells['month_start'] or '')[:8]}01.",
        )
        for row in targets.readable("month_start")
        if row.cells["month_start"] is not None and not row.cells["month_start"].endswith("-01")
    ]
