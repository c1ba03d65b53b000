"""Random deals through the file source, against a small independent reading of the outcomes."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.orchestration.building import Published, write_rows

Row = dict[str, str]
Outcome = tuple[object, ...]

AS_OF = date(2026, 6, 30)
FIRST_DAY = date(2025, 1, 1)
LOOKBACK_DAYS = 180
NEW_PIPELINES = ("", "New customers", "Ｄｉｒｅｃｔ")
OTHER_PIPELINES = ("Renewal 2026", "契約更新", "ｕｐｓｅｌｌ")
ACTIVITIES = ("call_connected", "meeting_held", "document_downloaded", "meeting_scheduled")
MEETINGS = ("meeting_held", "meeting_scheduled")
# Company 8 and 9 bear one name: a deal that gives the name alone belongs to neither.
COMPANIES = {f"C{number}": f"Company {min(number, 8)} Ltd" for number in range(1, 10)}

LEAD_COLUMNS = ("lead_id", "company_id", "company", "created_at")
EVENT_COLUMNS = ("lead_id", "event_type", "occurred_at")
OUTCOME_COLUMNS = ("lead_id", "outcome", "closed_at", "amount")
DEAL_COLUMNS = (
    "deal_id",
    "lead_id",
    "company_id",
    "company",
    "pipeline",
    "created_at",
    "closed_at",
    "outcome",
    "amount",
)


class World:
    """Leads, their events, outcomes and deals, drawn from one seed."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.leads = [self.lead(number) for number in range(1, 41)]
        ids = [row["lead_id"] for row in self.leads]
        self.events = [
            {
                "lead_id": self.dice.choice(ids),
                "event_type": self.dice.choice((*ACTIVITIES, "email_sent", "meeting_missed")),
                "occurred_at": f"{self.day()}T{self.dice.randrange(24):02}:00:00+09:00",
            }
            for _ in range(250)
        ]
        self.outcomes = [
            {
                "lead_id": self.dice.choice(ids),
                "outcome": self.dice.choice(("won", "lost")),
                "closed_at": str(self.day()),
                "amount": self.amount(),
            }
            for _ in range(25)
        ]
        self.deals = [row for number in range(1, 161) for row in self.deal(number, ids)]
        self.dice.shuffle(self.deals)

    def day(self) -> date:
        return FIRST_DAY + timedelta(days=self.dice.randrange(580))

    def amount(self) -> str:
        return self.dice.choice(("", "0", "100", f"{self.dice.randrange(10**7) / 100:.2f}"))

    def lead(self, number: int) -> Row:
        company = self.dice.choice((*COMPANIES, ""))
        return {
            "lead_id": f"L{number:03}",
            "company_id": company,
            "company": COMPANIES.get(company, ""),
            "created_at": "2026-07-01" if number % 9 == 0 else "2025-01-01",
        }

    def deal(self, number: int, ids: list[str]) -> Iterator[Row]:
        created = self.day()
        company = self.dice.choice((*COMPANIES, ""))
        form = self.dice.choice(("id", "name"))
        outcome = self.dice.choice(("won", "Lost", "won", "", "open"))
        row = {
            "deal_id": f"D{number:03}",
            "company_id": company if form == "id" else "",
            "company": COMPANIES.get(company, "").upper() if form == "name" else "",
            "pipeline": self.dice.choice((*NEW_PIPELINES, *OTHER_PIPELINES)),
            "created_at": "" if number % 20 == 0 else str(created),
            "outcome": outcome,
            "closed_at": str(created + timedelta(days=self.dice.randrange(90))),
            "amount": self.amount(),
        }
        people = self.dice.sample([*ids, "nobody"], self.dice.choice((0, 0, 1, 1, 2, 3, 6)))
        for lead_id in people or [""]:
            yield row | {"lead_id": lead_id}

    def write(self, folder: Path) -> Path:
        write_rows(folder / "leads.csv", LEAD_COLUMNS, self.leads)
        write_rows(folder / "events.csv", EVENT_COLUMNS, self.events)
        write_rows(folder / "outcomes.csv", OUTCOME_COLUMNS, self.outcomes)
        write_rows(folder / "deals.csv", DEAL_COLUMNS, self.deals)
        companies = [{"company_id": key, "company": name} for key, name in COMPANIES.items()]
        write_rows(folder / "companies.csv", ("company_id", "company"), companies)
        return folder


class Reading:
    """What the outcomes of a world should be, worked out lead by lead."""

    def __init__(self, world: World) -> None:
        self.leads = {
            row["lead_id"]: row for row in world.leads if read_day(row["created_at"]) <= AS_OF
        }
        self.events = [row for row in world.events if event_day(row) <= AS_OF]
        self.deals: dict[str, Row] = {}
        self.people: dict[str, set[str]] = {}
        for row in world.deals:
            if read_day(row["created_at"]) <= AS_OF:
                self.deals[row["deal_id"]] = row
                self.people.setdefault(row["deal_id"], set()).update(
                    {row["lead_id"]} & set(self.leads)
                )
        for deal_id, deal in self.deals.items():
            if not self.people[deal_id]:
                self.people[deal_id] = self.lead_of_company(deal)
        self.told = [
            row
            for row in world.outcomes
            if row["lead_id"] in self.leads
            and read_day(row["closed_at"]) <= AS_OF
            and not self.closings(row["lead_id"])
        ]

    def lead_of_company(self, deal: Row) -> set[str]:
        if deal["company_id"]:
            company = deal["company_id"]
        else:
            named = {
                row["company_id"]
                for row in self.leads.values()
                if row["company"] and row["company"].upper() == deal["company"]
            }
            company = named.pop() if len(named) == 1 else "none"
        start = read_day(deal["created_at"]) if deal["created_at"] else closing_day(deal)
        if start is None:
            return set()
        found = sorted(
            (row["occurred_at"], [-ord(letter) for letter in row["lead_id"]], row["lead_id"])
            for row in self.events
            if row["event_type"] in ACTIVITIES
            and row["lead_id"] in self.leads
            and self.leads[row["lead_id"]]["company_id"] == company
            and 0 <= (start - event_day(row)).days <= LOOKBACK_DAYS
        )
        return {found[-1][2]} if found else set()

    def closings(self, lead_id: str) -> list[tuple[date, date]]:
        """First and last day of the closed new business of a lead."""
        return [
            (read_day(deal["created_at"]), closed)
            for deal_id, deal in self.deals.items()
            if lead_id in self.people[deal_id] and is_new(deal) and (closed := closing_day(deal))
        ]

    def ends(self, lead_id: str) -> list[date]:
        """The days on which the cycles of a lead ended."""
        told = sorted(read_day(row["closed_at"]) for row in self.told if row["lead_id"] == lead_id)
        if told:
            return told
        ended: list[date] = []
        while left := [
            closed for created, closed in self.closings(lead_id) if not ended or created > ended[-1]
        ]:
            ended.append(min(left))
        return ended

    def cycle(self, lead_id: str, day: date) -> int:
        return 1 + sum(end < day for end in self.ends(lead_id))

    def meeting(self, lead_id: str, cycle: int) -> date | None:
        days = [
            event_day(row)
            for row in self.events
            if row["lead_id"] == lead_id and row["event_type"] in MEETINGS
        ]
        return min((day for day in days if self.cycle(lead_id, day) == cycle), default=None)

    def rows(self) -> list[Outcome]:
        return [*self.deal_rows(), *self.told_rows()]

    def deal_rows(self) -> Iterator[Outcome]:
        for deal_id, deal in self.deals.items():
            if not is_new(deal):
                continue
            closed = closing_day(deal)
            created = read_day(deal["created_at"]) if deal["created_at"] else None
            people = sorted(self.people[deal_id]) or [None]
            amounts = shares(deal["amount"], len(people), 2)
            weights = shares("1", len(people), 6)
            for lead_id, amount, weight in zip(people, amounts, weights, strict=True):
                cycle = self.cycle(lead_id, created) if lead_id and created else 1
                yield (
                    lead_id,
                    deal_id,
                    deal["outcome"].lower() if closed else "open",
                    cycle,
                    Decimal(deal["amount"]) if deal["amount"] else None,
                    amount,
                    weight,
                    self.meeting(lead_id, cycle) if lead_id else None,
                    created,
                    closed,
                )

    def told_rows(self) -> Iterator[Outcome]:
        for lead_id in {row["lead_id"] for row in self.told}:
            rows = [row for row in self.told if row["lead_id"] == lead_id]
            rows.sort(key=lambda row: (row["closed_at"], row["outcome"]))
            for cycle, row in enumerate(rows, start=1):
                amount = Decimal(row["amount"]) if row["amount"] else None
                meeting = self.meeting(lead_id, cycle)
                closed = read_day(row["closed_at"])
                whole = Decimal(1)
                yield (
                    *(lead_id, None, row["outcome"], cycle, amount, amount, whole),
                    *(meeting, None, closed),
                )


def read_day(text: str) -> date:
    """The day of a text; an unknown one is before all others."""
    return date.fromisoformat(text[:10]) if text else date.min


def event_day(event: Row) -> date:
    return read_day(event["occurred_at"])


def is_new(deal: Row) -> bool:
    return deal["pipeline"] in NEW_PIPELINES


def closing_day(deal: Row) -> date | None:
    """The day on which the deal was won or lost, if that was known."""
    closed = read_day(deal["closed_at"])
    return closed if deal["outcome"].lower() in ("won", "lost") and closed <= AS_OF else None


def shares(text: str, count: int, decimals: int) -> list[Decimal | None]:
    """Equal parts that add up to the whole, the first one with what is left."""
    if not text:
        return [None] * count
    unit = Decimal(1).scaleb(-decimals)
    part, rest = divmod(int(Decimal(text) / unit), count)
    return [(part + (rest if place == 0 else 0)) * unit for place in range(count)]


@pytest.fixture(scope="module")
def world() -> World:
    return World(20260630)


@pytest.fixture(scope="module")
def published(
    world: World, build: Callable[..., Published], tmp_path_factory: pytest.TempPathFactory
) -> Published:
    folder = tmp_path_factory.mktemp("outcomes")
    return build(world.write(folder / "raw"), folder / "work", AS_OF)


def test_outcomes_are_those_of_an_independent_reading(world: World, published: Published) -> None:
    actual = published.rows(
        "select lead_id, deal_id, outcome, cycle_number, amount, attributed_amount,"
        " outcome_weight, meeting_date, opportunity_date, closed_date from fct_lead_outcomes"
    )
    expected = Reading(world).rows()
    assert sorted(actual, key=str) == sorted(expected, key=str)


def test_the_world_holds_what_can_go_wrong(world: World) -> None:
    rows = Reading(world).rows()
    assert {row[2] for row in rows} == {"won", "lost", "open"}
    assert any(row[0] is None and row[2] == "won" for row in rows)
    assert any(row[1] is None for row in rows)
    assert len({row[3] for row in rows}) >= 3
    assert len({row[6] for row in rows}) >= 4
    assert sum(row[7] is not None for row in rows) >= 10
    reading = Reading(world)
    companies_only = [
        deal for deal_id, deal in reading.deals.items() if reading.lead_of_company(deal)
    ]
    assert len(companies_only) >= 10


def test_what_was_won_is_the_amount_of_all_new_business(world: World, published: Published) -> None:
    won = {
        row["deal_id"]: Decimal(row["amount"] or "0")
        for row in world.deals
        if is_new(row)
        and closing_day(row)
        and row["outcome"] == "won"
        and read_day(row["created_at"]) <= AS_OF
    }
    query = """
        select sum(attributed_amount), sum(amount * outcome_weight)
        from fct_lead_outcomes
        where outcome = 'won' and deal_id is not null
    """
    assert published.rows(query) == [(sum(won.values()), sum(won.values()))]


def test_deals_that_belong_to_nobody_are_told(world: World, published: Published) -> None:
    reading = Reading(world)
    nobody = sum(not reading.people[deal_id] for deal_id in reading.deals)
    assert nobody > 0
    assert f"deals: {nobody} rows not used as they stand (lead_not_found)." in published.output
