"""Merge law: a person of several records scores as one lead with all that these records hold.

Each drawn lead of the scoring cases is taken apart into records that share an address: cells are
moved, doubled or contradicted, events are spread, and some records come into being between the two
as-of days. Beside each such person stand the same records with addresses of their own: nothing ties
them, so they must score as if they had never been one. The reference reading knows nothing of
records: it scores the union that is worked out here, one lead a person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

import pytest

from tests.orchestration import reference_scoring as reference
from tests.orchestration.building import Published, write_rows
from tests.orchestration.reference_scoring import Line, LineKey, business_day, instant, record
from tests.orchestration.strategies import (
    AS_OF,
    EVENT_COLUMNS,
    LATER,
    LEAD_COLUMNS,
    LEAD_FIELDS,
    Case,
    Dice,
    Row,
    day_form,
    days_before,
    widen,
)
from tests.orchestration.worlds import rulebook, shared_cases, write_rules

pytestmark = pytest.mark.law

CASE_COUNT = 120
PERSON_COLUMNS = (*LEAD_COLUMNS, "email", "last_name", "first_name")
OPT_OUTS = {"true", "t", "yes", "y", "1", "on", "perhaps"}


@dataclass(frozen=True)
class Person:
    """The records of one person and their events, as they stand in the files."""

    case: Case
    is_one: bool
    records: tuple[Row, ...]
    events: tuple[Row, ...]

    def living(self, as_of: date) -> list[Row]:
        """The records that exist on a day, the one created first in front."""

        def creation(row: Row) -> tuple[bool, float, str]:
            created = row["created_at"]
            when = instant(created).timestamp() if created else 0.0
            return not created, when, row["lead_id"]

        found = [
            row
            for row in self.records
            if not row["created_at"] or (business_day(row["created_at"]) or as_of) <= as_of
        ]
        return sorted(found, key=creation)

    def leads(self, as_of: date) -> list[Row]:
        """The leads that the records are on a day: one with the union of all, or each its own."""
        living = self.living(as_of)
        if not self.is_one or not living:
            return living
        first = dict(living[0])
        for name in LEAD_FIELDS:
            known = [row[name] for row in living if record({name: row[name]})[name.lower()]]
            first[name] = known[0] if known else ""
        refusals = [row["opted_out"] for row in living if row["opted_out"].lower() in OPT_OUTS]
        first["opted_out"] = refusals[0] if refusals else ""
        return [first]

    def owned_events(self, as_of: date) -> list[Row]:
        """The events under the ids of the leads that they belong to on a day."""
        living = self.living(as_of)
        ids = {row["lead_id"] for row in living}
        if not self.is_one or not living:
            return list(self.events)
        return [
            event | {"lead_id": living[0]["lead_id"]} if event["lead_id"] in ids else event
            for event in self.events
        ]


# --- Taking people apart --------------------------------------------------------------------------


def draw_records(dice: Dice, lead: Row, others: Sequence[Row], person_id: str) -> list[Row]:
    """Between two and four records: each cell of the lead, nothing, or another lead's cell."""
    records = []
    for place in dice.some(range(9), 2, 4):
        row = dict.fromkeys(PERSON_COLUMNS, "")
        for name in LEAD_FIELDS:
            row[name] = dice.one([lead[name], lead[name], "", dice.one(others)[name]])
        row["lead_id"] = f"{person_id}-{place}"
        row["created_at"] = ""
        if not dice.once_in(5):
            row["created_at"] = day_form(dice, days_before(dice.one([400, 30, 3, 1, 0, -17, -18])))
        row["opted_out"] = "yes" if dice.once_in(16) else dice.one(["", "", "no"])
        records.append(row)
    return records


def draw_address(dice: Dice, person_id: str) -> tuple[str, str]:
    """An address and a name; a shared mailbox belongs to one person as long as it has one name."""
    mailbox = dice.one(["taro", "taro", "info"])
    name = dice.one(["", "Sato", "佐藤"]) if mailbox == "taro" else dice.one(["", "Sato"])
    return f"{mailbox}@{person_id}.example", name


def written(dice: Dice, address: str) -> str:
    """An address as one of several hands writes it."""
    return dice.one([address, address.upper(), widen(address), f" {address}\u3000"])


def spread_events(dice: Dice, events: Iterable[Row], ids: Sequence[str], mark: str) -> list[Row]:
    """The events dealt out to records; an id of an event is its own in each of the two worlds."""
    return [
        event
        | {
            "lead_id": dice.one(ids),
            "event_id": event["event_id"] and f"{event['event_id']}-{mark}",
        }
        for event in events
    ]


def draw_people(case: Case, lead: Row, place: int, others: Sequence[Row]) -> list[Person]:
    """One person of several records, and the same records as people of their own."""
    dice = Dice(Random(f"{case.number} {lead['lead_id']}"))
    person_id = f"{case.number:03}-{place}"
    records = draw_records(dice, lead, others, f"{person_id}j")
    address, name = draw_address(dice, person_id)
    events = [row for row in case.events if record(row)["lead_id"] == lead["lead_id"]]
    dealt = spread_events(dice, events, [row["lead_id"] for row in records], f"{place}j")
    joined = [
        row | {"email": written(dice, address), "last_name": dice.one(["", name])}
        for row in records
    ]
    # The same mailbox with a name each, an address each, or none: not one person.
    is_office = dice.once_in(2)
    apart = [
        row
        | {
            "lead_id": row["lead_id"].replace("j-", "a-"),
            "email": f"info@{person_id}a.example"
            if is_office
            else dice.one(["", f"{row['lead_id']}@{person_id}a.example"]),
            "last_name": f"Name {number}" if is_office else name,
        }
        for number, row in enumerate(records)
    ]
    dealt_apart = [
        event
        | {
            "lead_id": event["lead_id"].replace("j-", "a-"),
            "event_id": event["event_id"] and f"{event['event_id'][:-1]}a",
        }
        for event in dealt
    ]
    return [
        Person(case, True, tuple(joined), tuple(dealt)),
        Person(case, False, tuple(apart), tuple(dealt_apart)),
    ]


def draw_all() -> list[Person]:
    """The people of all cases, the same on every run."""
    people = []
    for case in shared_cases()[:CASE_COUNT]:
        leads = {row["lead_id"]: row for row in case.leads}
        for place, lead in enumerate(leads.values()):
            people += draw_people(case, lead, place, case.leads)
    return people


# --- What was built, and what should have been ----------------------------------------------------


@dataclass(frozen=True)
class World:
    """The people as of a day: what the warehouse says and what the reference reading says."""

    as_of: date
    published: Published
    people: Sequence[Person]
    expected: Mapping[LineKey, Line]
    scored: frozenset[str]
    existing: frozenset[str]


def read_world(published: Published, people: Sequence[Person], as_of: date) -> World:
    expected: dict[LineKey, Line] = {}
    scored: set[str] = set()
    existing: set[str] = set()
    for person in people:
        found = reference.score(
            rulebook(person.case), person.leads(as_of), person.owned_events(as_of), as_of
        )
        expected |= found.ledger
        scored |= found.scored
        existing |= found.existing
    return World(as_of, published, people, expected, frozenset(scored), frozenset(existing))


@pytest.fixture(scope="module")
def worlds(
    build: Callable[..., Published], tmp_path_factory: pytest.TempPathFactory
) -> dict[date, World]:
    """The same files as of both days; between the two some records come into being."""
    folder: Path = tmp_path_factory.mktemp("people")
    people = draw_all()
    records = [row for person in people for row in person.records]
    events = [row for person in people for row in person.events]
    Random(1).shuffle(records)
    write_rows(folder / "raw" / "leads.csv", PERSON_COLUMNS, records)
    write_rows(folder / "raw" / "events.csv", EVENT_COLUMNS, events)
    write_rules(folder / "rules", shared_cases()[:CASE_COUNT])

    def build_world(as_of: date) -> World:
        work = folder / f"work_{as_of}"
        return read_world(build(folder / "raw", work, as_of, folder / "rules"), people, as_of)

    with ThreadPoolExecutor() as pool:
        return {world.as_of: world for world in pool.map(build_world, (AS_OF, LATER))}


@pytest.fixture(params=[AS_OF, LATER], ids=str)
def world(request: pytest.FixtureRequest, worlds: dict[date, World]) -> World:
    return worlds[request.param]


def ledger(published: Published) -> dict[LineKey, Line]:
    """The ledger of the cases' own scores and of the two that all share."""
    rows = published.rows(
        """
        select
            lead_id, score_id, coalesce(group_id, ''), coalesce(rule_id, ''), entry_type,
            points, occurrences, last_event_date
        from fct_score_ledger
        where
            score_id in ('fit', 'engagement')
            or split_part(score_id, '_', 1) = split_part(lead_id, '-', 1)
        """
    )
    return {LineKey(*row[:5]): Line(*row[5:]) for row in rows}


def test_the_drawn_people_put_the_law_to_the_test(worlds: dict[date, World]) -> None:
    joined = [person for person in draw_all() if person.is_one]
    several = [person for person in joined if len(person.living(AS_OF)) > 1]
    growing = [person for person in joined if person.living(AS_OF) != person.living(LATER)]
    assert len(several) > CASE_COUNT / 2
    assert len(growing) > CASE_COUNT / 4
    # Every person of several records loses something when only one record's events count.
    assert sum(len({event["lead_id"] for event in person.events}) > 1 for person in several) > 50


def test_a_person_of_several_records_is_one_lead_and_others_stay_apart(world: World) -> None:
    found = {row[0] for row in world.published.rows("select lead_id from dim_leads")}
    assert found == world.existing
    scored = {row[0] for row in world.published.rows("select lead_id from fct_lead_scores")}
    assert scored == world.scored


@pytest.mark.parametrize("is_one", [True, False], ids=["joined", "apart"])
def test_the_ledger_is_that_of_one_lead_with_the_union_of_all(world: World, is_one: bool) -> None:
    mark = "j" if is_one else "a"
    actual = {key: line for key, line in ledger(world.published).items() if mark in key.lead_id}
    expected = {key: line for key, line in world.expected.items() if mark in key.lead_id}
    assert len(expected) > CASE_COUNT
    differing = [
        f"{key}: expected {expected.get(key)}, actual {actual.get(key)}"
        for key in sorted(expected.keys() | actual.keys())
        if expected.get(key) != actual.get(key)
    ]
    assert not differing, f"{len(differing)} lines differ:\n" + "\n".join(differing[:5])


def test_a_rule_that_counts_once_counts_once_for_a_person(world: World) -> None:
    rules = [row for person in world.people for row in person.case.seeds["scoring_rules"]]
    once = {row["rule_id"] for row in rules if row.get("repeat") == "once"}
    # Another period of the same rule may count each event.
    once -= {row["rule_id"] for row in rules if row.get("repeat") == "each"}
    actual = ledger(world.published)
    lines = [
        (key, line)
        for key, line in actual.items()
        if key.rule_id in once and key.entry_type == "points"
    ]
    assert {line.occurrences for _, line in lines} == {1}
    # For some people several of the records earn the rule when each stands alone.
    earned: dict[tuple[str, str], int] = {}
    for key, _ in lines:
        person_id, _, _ = key.lead_id.rpartition("-")
        earned[person_id, key.rule_id] = earned.get((person_id, key.rule_id), 0) + 1
    assert any(count > 1 for (person_id, _), count in earned.items() if person_id.endswith("a"))
    assert all(count == 1 for (person_id, _), count in earned.items() if person_id.endswith("j"))
