"""Merge law on the tables of a CRM: a merged contact scores as one with the union of what was done.

Each drawn person has a surviving contact and one or two that were merged into it, told by the log
of merges, by the calculated list with times, or by the bare list of ids. Beside them stand twins:
one contact with the survivor's row to which everything happened, and the same contacts never
merged. From the day of the merge on the survivor scores as the first, before it as the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.orchestration.building import Published, write_rows

pytestmark = pytest.mark.law

Row = dict[str, str]
Build = Callable[..., Published]

PERSON_COUNT = 120
EARLY, LATE = date(2026, 10, 5), date(2026, 10, 20)
JAPAN = timedelta(hours=9)
PARTS = ("first", "second", "survivor")
MERGE_DAYS = [
    EARLY - timedelta(days=4),
    EARLY,
    EARLY + timedelta(days=1),
    date(2026, 10, 12),
    LATE,
    LATE + timedelta(days=1),
]
TITLES = ["部長", "課長", "営業部 主任", "代表取締役", "IT Manager", "学生", ""]
FORMS = {
    "demo": "デモ依頼フォーム",
    "quote": "お見積依頼フォーム",
    "brochure": "サービス資料ダウンロード",
    "news": "Newsletter",
}
LISTS = {
    "show": "展示会 2026-09-30",
    "webinar": "ウェビナー参加 2026-10-01",
    "plan": "アンケート 2026-09-30 導入時期:3か月以内",
}
PATHS = ["/pricing", "/security", "/customers/a", "/product", "/blog/x", "/recruit"]
DISPOSITIONS = ["connected", "absent", ""]


@dataclass
class Tables:
    """Rows of the raw tables; their columns are those of the first row."""

    rows: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, table: str, **row: str) -> None:
        self.rows.setdefault(table, []).append(row)

    def write(self, folder: Path, dice: Random) -> None:
        for table, rows in self.rows.items():
            dice.shuffle(rows)
            write_rows(folder / f"{table}.csv", list(rows[0]), rows)


@dataclass(frozen=True)
class Person:
    """Ids of a person's contacts and of their twins, by part, and when the merge took place."""

    number: int
    merged: tuple[str, ...]
    told_by: str
    row_state: str
    merged_at: datetime | None

    def contact(self, part: str, world: str = "merged") -> str:
        return f"{self.number}{PARTS.index(part)}{('merged', 'apart').index(world)}"

    @property
    def union(self) -> str:
        return f"{self.number}99"

    def is_merged(self, day: date) -> bool:
        """Whether the merge is known on a day; without a date it has always held."""
        return self.merged_at is None or (self.merged_at + JAPAN).date() <= day


def text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def draw_moment(dice: Random, first: date, last: date) -> datetime:
    day = first + timedelta(days=dice.randint(0, (last - first).days))
    return datetime.combine(day, time(dice.randint(0, 23), dice.randint(0, 59)))


@cache
def draw_persons() -> tuple[Person, ...]:
    dice = Random(20261020)
    persons = []
    for number in range(1001, 1001 + PERSON_COUNT):
        told_by = dice.choice(["audit", "audit", "calculated", "ids"])
        moment = datetime.combine(dice.choice(MERGE_DAYS), time(dice.randint(0, 23), 30)) - JAPAN
        persons.append(
            Person(
                number,
                PARTS[: dice.choice([1, 1, 2])],
                told_by,
                dice.choice(["gone", "deleted", "alive"]),
                None if told_by == "ids" else moment,
            )
        )
    return tuple(persons)


# --- The raw tables -------------------------------------------------------------------------------


def draw_contact(dice: Random) -> Row:
    return {
        "property_firstname": dice.choice(["Taro", "花子", ""]),
        "property_lastname": dice.choice(["Sato", "鈴木", ""]),
        "property_jobtitle": dice.choice(TITLES),
        "property_numemployees": dice.choice(["", "12", "120", "400", "3000"]),
        "property_industry": dice.choice(["", "製造業", "IT", "建設"]),
        "property_state": dice.choice(["", "東京都", "沖縄県"]),
        "property_country": dice.choice(["", "日本"]),
        "property_phone": dice.choice(["", "03-0000-0000"]),
        "property_hs_email_optout": dice.choice(["", "", "false", "true"]),
        "property_createdate": text(draw_moment(dice, date(2026, 1, 1), date(2026, 8, 31))),
    }


def add_contact(tables: Tables, contact_id: str, content: Row, **more: str) -> None:
    row = {
        "id": contact_id,
        "_fivetran_deleted": "false",
        "_fivetran_synced": "2026-10-25 00:00:00",
        "property_email": address(contact_id),
        "property_hs_merged_object_ids": "",
        "property_hs_calculated_merged_vids": "",
    }
    tables.add("hubspot/contact", **(row | content | more))


def address(contact_id: str) -> str:
    return f"someone@c{contact_id}.example"


def add_person(tables: Tables, dice: Random, person: Person) -> None:
    """The contacts, their twins, and how the merge is told."""
    survivor = person.contact("survivor")
    contents = {part: draw_contact(dice) for part in (*person.merged, "survivor")}
    for part, content in contents.items():
        add_contact(tables, person.contact(part, "apart"), content)
    add_contact(tables, person.union, contents["survivor"])
    for part in person.merged:
        if person.row_state != "gone":
            deleted = "true" if person.row_state == "deleted" else "false"
            add_contact(tables, person.contact(part), contents[part], _fivetran_deleted=deleted)
    # In a chain the first was merged into the second before both ended in the survivor.
    targets = dict.fromkeys(person.merged, survivor)
    if len(person.merged) == 2 and dice.random() < 0.5:
        targets["first"] = person.contact("second")
    ids = [person.contact(part) for part in person.merged]
    moment = person.merged_at or datetime(2026, 9, 1)
    told: Row = {}
    if person.told_by == "audit":
        for part, target in targets.items():
            tables.add(
                "hubspot/contact_merge_audit",
                canonical_vid=target,
                vid_to_merge=person.contact(part),
                timestamp=text(moment),
            )
    if person.told_by == "calculated":
        milliseconds = round(moment.replace(tzinfo=UTC).timestamp() * 1000)
        stated = ";".join(f"{contact_id}:{milliseconds}" for contact_id in ids)
        told["property_hs_calculated_merged_vids"] = stated
    # HubSpot lists the ids beside the log as well.
    if person.told_by == "ids" or dice.random() < 0.5:
        told["property_hs_merged_object_ids"] = ";".join(ids)
    add_contact(tables, survivor, contents["survivor"], **told)


def add_history(tables: Tables, dice: Random, person: Person) -> None:
    """What the contacts did, and the same for their twins."""
    for part in (*person.merged, "survivor"):
        twins = [person.contact(part), person.contact(part, "apart"), person.union]
        # Nobody knows any more which address a contact without a row had.
        is_known = part == "survivor" or person.row_state != "gone"
        for kind in dice.choices(["form", "list", "call", "meeting"], k=dice.randint(2, 6)):
            add_action(tables, dice, kind, part, twins)
        for number in range(dice.randint(0, 4) if is_known else 0):
            moment = text(draw_moment(dice, date(2026, 9, 20), LATE))
            kind = dice.choice(["OPEN", "CLICK", "CLICK", "SENT"])
            for twin in twins:
                tables.add(
                    "hubspot/email_event",
                    id=f"{part}{number}-{twin}",
                    type=kind,
                    recipient=address(twin),
                    created=moment,
                )
        if is_known and dice.random() < 0.7:
            add_visitor(tables, dice, part, twins)


def add_together(tables: Tables, dice: Random, person: Person) -> None:
    """One call that two records of a person are tied to, one list that both are on."""
    moment = text(draw_moment(dice, date(2026, 8, 20), LATE))
    parts = (*person.merged, "survivor")
    worlds = {
        "merged": [person.contact(part) for part in parts],
        "apart": [person.contact(part, "apart") for part in parts],
        "union": [person.union],
    }
    for name, ids in worlds.items():
        call = f"together-{person.number}-{name}"
        tables.add(
            "hubspot/engagement_call",
            engagement_id=call,
            property_hs_timestamp=moment,
            property_hs_call_disposition="connected",
            property_call_outcome="",
        )
        for contact_id in ids:
            tables.add("hubspot/engagement_contact", engagement_id=call, contact_id=contact_id)
            tables.add(
                "hubspot/contact_list_member",
                contact_list_id="together",
                contact_id=contact_id,
                added_at="2026-10-01 00:00:00",
            )


def add_action(tables: Tables, dice: Random, kind: str, part: str, twins: list[str]) -> None:
    event_id = f"{part}{dice.randrange(10**9)}"
    moment = text(draw_moment(dice, date(2026, 8, 20), LATE + timedelta(days=2)))
    form, disposition = dice.choice(["demo", "demo", *FORMS]), dice.choice(DISPOSITIONS)
    list_id, outcome = dice.choice([*LISTS]), dice.choice(["COMPLETED", "NO_SHOW"])
    for twin in twins:
        own_id = f"{event_id}-{twin}"
        if kind == "form":
            tables.add(
                "hubspot/contact_form_submission",
                conversion_id=own_id,
                contact_id=twin,
                form_id=form,
                timestamp=moment,
            )
        elif kind == "list":
            # One import a contact: the list of one part is never that of another.
            name = f"{list_id}-{part}"
            tables.add(
                "hubspot/contact_list_member",
                contact_list_id=name,
                contact_id=twin,
                added_at="2026-10-01 00:00:00",
            )
        else:
            tables.add("hubspot/engagement_contact", engagement_id=own_id, contact_id=twin)
            if kind == "call":
                tables.add(
                    "hubspot/engagement_call",
                    engagement_id=own_id,
                    property_hs_timestamp=moment,
                    property_hs_call_disposition=disposition,
                    property_call_outcome="interested" if disposition == "connected" else "",
                )
            else:
                tables.add(
                    "hubspot/engagement_meeting",
                    engagement_id=own_id,
                    property_hs_meeting_start_time=moment,
                    property_hs_meeting_outcome=outcome,
                )


def add_visitor(tables: Tables, dice: Random, part: str, twins: Iterable[str]) -> None:
    views = [
        (text(draw_moment(dice, date(2026, 9, 25), LATE)), dice.choice(PATHS))
        for _ in range(dice.randint(1, 6))
    ]
    identified = text(draw_moment(dice, date(2026, 9, 25), LATE))
    for twin in twins:
        browser = f"{part}-{twin}"
        tables.add(
            "segment/identifies",
            id=f"identify-{browser}",
            anonymous_id=browser,
            email=address(twin),
            timestamp=identified,
        )
        for number, (moment, path) in enumerate(views):
            tables.add(
                "segment/pages",
                id=f"{browser}-{number}",
                anonymous_id=browser,
                path=path,
                timestamp=moment,
            )


def add_late_visitor(tables: Tables) -> None:
    """Somebody reads prices, and says a name between the two days."""
    content = draw_contact(Random(1)) | {"property_hs_email_optout": ""}
    add_contact(tables, "visitor", content)
    for number, moment in enumerate(["2026-10-03 01:00:00", "2026-10-15 01:00:00"]):
        tables.add(
            "segment/pages",
            id=f"late-{number}",
            anonymous_id="late",
            path="/pricing",
            timestamp=moment,
        )
    tables.add(
        "segment/identifies",
        id="identify-late",
        anonymous_id="late",
        email=address("visitor"),
        timestamp="2026-10-12 01:00:00",
    )


def write_tables(folder: Path) -> Path:
    tables, dice = draw_tables()
    tables.write(folder, dice)
    return folder


def draw_tables() -> tuple[Tables, Random]:
    dice, tables = Random(20261005), Tables()
    for person in draw_persons():
        add_person(tables, dice, person)
        add_history(tables, dice, person)
        add_together(tables, dice, person)
    tables.add("hubspot/contact_list", id="together", name="展示会 2026-09-20")
    add_late_visitor(tables)
    for guid, name in FORMS.items():
        tables.add("hubspot/form", guid=guid, name=name)
    for list_id, name in LISTS.items():
        for part in PARTS:
            tables.add("hubspot/contact_list", id=f"{list_id}-{part}", name=name)
    return tables, dice


# --- What was built -------------------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    as_of: date
    published: Published
    leads: frozenset[str]
    ledger: dict[str, list[tuple[Any, ...]]]

    def lines(self, contact_id: str) -> list[tuple[Any, ...]]:
        return self.ledger.get(contact_id, [])


def read_world(published: Published, as_of: date) -> World:
    leads = frozenset(row[0] for row in published.rows("select lead_id from dim_leads"))
    ledger: dict[str, list[tuple[Any, ...]]] = {}
    rows = published.rows(
        """
        select lead_id, score_id, coalesce(group_id, ''), coalesce(rule_id, ''), entry_type,
            points, occurrences, last_event_date
        from fct_score_ledger
        order by all
        """
    )
    for lead_id, *line in rows:
        ledger.setdefault(lead_id, []).append(tuple(line))
    return World(as_of, published, leads, ledger)


@pytest.fixture(scope="module")
def worlds(build: Build, tmp_path_factory: pytest.TempPathFactory) -> dict[date, World]:
    folder: Path = tmp_path_factory.mktemp("merges")
    raw = write_tables(folder / "raw")

    def build_world(as_of: date) -> World:
        published = build(raw, folder / f"work_{as_of}", as_of, source="hubspot,segment")
        return read_world(published, as_of)

    with ThreadPoolExecutor() as pool:
        return {world.as_of: world for world in pool.map(build_world, (EARLY, LATE))}


@pytest.fixture(params=[EARLY, LATE], ids=str)
def world(request: pytest.FixtureRequest, worlds: dict[date, World]) -> World:
    return worlds[request.param]


def persons_on(day: date, is_merged: bool) -> list[Person]:
    return [person for person in draw_persons() if person.is_merged(day) is is_merged]


def differences(world: World, pairs: Iterable[tuple[str, str]]) -> list[str]:
    """The lines that only one lead of a pair has."""
    found = []
    for left, right in pairs:
        apart = set(world.lines(left)) ^ set(world.lines(right))
        found += [f"{left} {right}: {line}" for line in sorted(apart, key=str)]
    return found


def test_the_drawn_merges_put_the_law_to_the_test() -> None:
    grown = [person for person in persons_on(EARLY, False) if person.is_merged(LATE)]
    assert len(grown) > PERSON_COUNT / 4
    assert len(persons_on(LATE, False)) > PERSON_COUNT / 20
    told = {(person.told_by, person.row_state) for person in draw_persons()}
    assert len(told) == 9


def test_a_merged_contact_is_no_lead_and_others_are(world: World) -> None:
    expected = {"visitor"}
    for person in draw_persons():
        parts = (*person.merged, "survivor")
        expected |= {person.union, person.contact("survivor")}
        expected |= {person.contact(part, "apart") for part in parts}
        if person.row_state != "gone" and not person.is_merged(world.as_of):
            expected |= {person.contact(part) for part in person.merged}
    assert world.leads == expected


def test_from_the_merge_on_the_ledger_is_that_of_the_union(world: World) -> None:
    persons = persons_on(world.as_of, True)
    pairs = [(person.contact("survivor"), person.union) for person in persons]
    differing = differences(world, pairs)
    assert not differing, f"{len(differing)} lines differ:\n" + "\n".join(differing[:10])
    # The union is more than the survivor alone.
    alone = [(person.contact("survivor", "apart"), person.union) for person in persons]
    assert len(differences(world, alone)) > 3 * len(persons)


def test_before_the_merge_every_contact_has_its_own_ledger(world: World) -> None:
    persons = persons_on(world.as_of, False)
    pairs = [
        (person.contact(part), person.contact(part, "apart"))
        for person in persons
        for part in (*person.merged, "survivor")
        if part == "survivor" or person.row_state != "gone"
    ]
    differing = differences(world, pairs)
    assert not differing, f"{len(differing)} lines differ:\n" + "\n".join(differing[:10])
    assert sum(len(world.lines(left)) for left, _ in pairs) > 5 * len(pairs)


def test_a_rule_that_counts_once_counts_once_for_a_merged_lead(worlds: dict[date, World]) -> None:
    world = worlds[LATE]

    def requests(contact_id: str) -> list[int]:
        return [
            line[5]
            for line in world.lines(contact_id)
            if line[2] == "eng_demo_request" and line[3] == "points"
        ]

    several = 0
    for person in persons_on(LATE, True):
        parts = [person.contact(part, "apart") for part in (*person.merged, "survivor")]
        asked = [part for part in parts if requests(part)]
        assert requests(person.contact("survivor")) == ([1] if asked else [])
        several += len(asked) > 1
    assert several >= 10


def test_visits_before_somebody_said_a_name_count_from_then_on(worlds: dict[date, World]) -> None:
    def prices(day: date) -> list[tuple[Any, ...]]:
        lines = worlds[day].lines("visitor")
        return [line[4:] for line in lines if line[2] == "eng_pricing_page"]

    assert prices(EARLY) == []
    assert [line[1:] for line in prices(LATE)][:1] == [(2, date(2026, 10, 15))]
