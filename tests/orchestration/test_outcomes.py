"""Random deals and answers of sales through the file source, against an independent reading."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import duckdb
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
# What the words of sales mean: disposition, is_touch, is_reached.
ANSWERS = {
    "accepted": ("accepted", False, False),
    "ＲＥＴＵＲＮＥＤ": ("returned", False, False),
    "会話済み": ("connected", True, True),
    "perhaps": None,
}
REASONS = {"": None, "no_need": "no_need", "関心はあるが時期尚早": "too_early", "moody": None}
TOUCHES = {
    ("call_attempted", "no_answer"): ("attempted", True, False),
    ("Call_Attempted", "it rained"): ("attempted", True, False),
    ("call_connected", ""): ("connected", True, True),
    ("call_received", "connected"): ("connected", False, True),
    ("meeting_missed", "ｃａｎｃｅｌｅｄ"): ("meeting_missed", False, False),
    ("task_done", ""): ("working", False, False),
    ("pigeon_sent", ""): None,
}
OWNERS = {"佐藤": "O1", "O2": "O2", "Twin": "Twin", "Nobody": "Nobody", "": None}


class World:
    """Leads, their events, outcomes, deals and what sales answered, drawn from one seed."""

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
        self.feedback = [self.answer(number, ids) for number in range(200)]
        self.feedback += self.feedback[:20]
        self.touches = [self.touch(number, ids) for number in range(200)]

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

    def moment(self, number: int) -> str:
        return f"{self.day()}T{self.dice.randrange(24):02}:{number // 60:02}:{number % 60:02}+09:00"

    def answer(self, number: int, ids: list[str]) -> Row:
        return {
            "リードID": self.dice.choice((*ids, *ids, "nobody")),
            "日時": self.moment(number),
            "判定": self.dice.choice(list(ANSWERS)),
            "理由": self.dice.choice(list(REASONS)),
            "再連絡日": self.dice.choice(("", "2026/9/1", "in spring")),
            "担当者": self.dice.choice(list(OWNERS)),
        }

    def touch(self, number: int, ids: list[str]) -> Row:
        kind, outcome = self.dice.choice(list(TOUCHES))
        return {
            "lead_id": self.dice.choice((*ids, *ids, "nobody")),
            "occurred_at": self.moment(number),
            "kind": kind,
            "outcome": outcome,
            "owner": self.dice.choice(list(OWNERS)),
        }

    def write(self, folder: Path) -> Path:
        write_rows(folder / "leads.csv", LEAD_COLUMNS, self.leads)
        write_rows(folder / "events.csv", EVENT_COLUMNS, self.events)
        write_rows(folder / "outcomes.csv", OUTCOME_COLUMNS, self.outcomes)
        write_rows(folder / "deals.csv", DEAL_COLUMNS, self.deals)
        companies = [{"company_id": key, "company": name} for key, name in COMPANIES.items()]
        write_rows(folder / "companies.csv", ("company_id", "company"), companies)
        write_rows(folder / "feedback.csv", list(self.feedback[0]), self.feedback)
        write_rows(folder / "touches.csv", list(self.touches[0]), self.touches)
        names = (("O1", "佐藤"), ("O2", "鈴木"), ("O3", "Twin"), ("O4", "Twin"))
        owners = [{"owner_id": key, "owner": name} for key, name in names]
        write_rows(folder / "owners.csv", ("owner_id", "owner"), owners)
        return folder


class Reading:
    """What the outcomes of a world should be, worked out lead by lead."""

    def __init__(self, world: World) -> None:
        self.returned = [
            (row["リードID"], day)
            for row in world.feedback
            if row["判定"] == "ＲＥＴＵＲＮＥＤ"
            and (day := datetime.fromisoformat(row["日時"]).date()) <= AS_OF
        ]
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

    def outcome_ends(self, lead_id: str) -> list[date]:
        """The days on which deals and outcomes ended cycles of a lead."""
        told = sorted(read_day(row["closed_at"]) for row in self.told if row["lead_id"] == lead_id)
        if told:
            return told
        ended: list[date] = []
        while left := [
            closed for created, closed in self.closings(lead_id) if not ended or created > ended[-1]
        ]:
            ended.append(min(left))
        return ended

    def signs(self, lead_id: str) -> Iterator[date]:
        """The days on which a cycle of a lead may begin: something happens, and no deal is open."""
        deals = [
            (read_day(deal["created_at"]), closing_day(deal))
            for deal_id, deal in self.deals.items()
            if lead_id in self.people[deal_id] and is_new(deal) and deal["created_at"]
        ]
        days = [created for created, _ in deals]
        days += [
            event_day(row)
            for row in self.events
            if row["lead_id"] == lead_id and row["event_type"] in ACTIVITIES
        ]
        days += [read_day(row["closed_at"]) for row in self.told if row["lead_id"] == lead_id]
        for day in days:
            if not any(first < day <= (last or date.max) for first, last in deals):
                yield day

    @cache  # noqa: B019 - a world lives as long as its test module
    def starts(self, lead_id: str) -> list[date]:
        """The days on which the second cycle of a lead and the later ones began."""
        ends = {*self.outcome_ends(lead_id)}
        ends |= {day for lead, day in self.returned if lead == lead_id}
        first: dict[int, date] = {}
        for day in sorted(self.signs(lead_id)):
            first.setdefault(sum(end < day for end in ends), day)
        return sorted(day for ended, day in first.items() if ended)

    def cycle(self, lead_id: str, day: date) -> int:
        return 1 + sum(start <= day for start in self.starts(lead_id))

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
                day = created or closed
                cycle = self.cycle(lead_id, day) if lead_id and day else 1
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
            for row in rows:
                amount = Decimal(row["amount"]) if row["amount"] else None
                closed = read_day(row["closed_at"])
                cycle = self.cycle(lead_id, closed)
                meeting = self.meeting(lead_id, cycle)
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
    # A hand-off would begin cycles too.
    assert published.rows("select count(*) from fct_handoffs") == [(0,)]
    expected = Reading(world).rows()
    assert sorted(actual, key=str) == sorted(expected, key=str)


def test_a_win_stands_in_the_cycle_in_which_the_lead_was_won(published: Published) -> None:
    returning = "select count(distinct lead_id) from fct_lead_lifecycle where cycle_number > 2"
    ((leads,),) = published.rows(returning)
    assert leads > 5
    won = """
        select count(*), count(*) filter (not exists (
            select 1 from fct_lead_outcomes as outcomes
            where outcomes.lead_id = lifecycle.lead_id and outcomes.outcome = 'won'
                and outcomes.cycle_number = lifecycle.cycle_number
                and outcomes.closed_date = lifecycle.valid_from
        ))
        from fct_lead_lifecycle as lifecycle where stage_id = 'won'
    """
    ((wins, lost_ones),) = published.rows(won)
    assert wins > 20
    assert lost_ones == 0


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


def dispositions(world: World) -> Iterator[tuple[object, ...]]:
    """What sales said and did about the leads of a world, as far as it can be understood."""
    leads = set(Reading(world).leads)
    told = {tuple(row.values()) for row in world.feedback}
    for lead_id, moment, word, reason, recontact, owner in told:
        meaning, at = ANSWERS[word], datetime.fromisoformat(moment)
        if lead_id in leads and meaning and at.date() <= AS_OF:
            reason_id = REASONS[reason] if meaning[0] == "returned" else None
            agreed = read_day("2026-09-01") if recontact.startswith("2026") else None
            yield lead_id, *meaning, reason_id, OWNERS[owner], agreed, at.timestamp()
    for row in world.touches:
        meaning = TOUCHES[row["kind"], row["outcome"]]
        at = datetime.fromisoformat(row["occurred_at"])
        if row["lead_id"] in leads and meaning and at.date() <= AS_OF:
            owner_id = OWNERS[row["owner"]]
            yield row["lead_id"], *meaning, None, owner_id, None, at.timestamp()


def test_answers_of_sales_are_those_of_an_independent_reading(
    world: World, published: Published
) -> None:
    database = published.folder.parents[2] / "warehouse" / "leads.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute(
            "select lead_id, disposition, is_touch, is_reached, reason_id, owner_id,"
            " recontact_date, epoch(occurred_at) from intermediate.int_dispositions"
        ).fetchall()
        in_order = connection.execute(
            "select count(*) from (select *, lag(occurred_at) over (partition by lead_key"
            " order by disposition_number) as before from intermediate.int_dispositions)"
            " where before > occurred_at"
        ).fetchone()
    assert sorted(found, key=str) == sorted(dispositions(world), key=str)
    assert len(found) > 200
    assert in_order == (0,)


def test_words_of_sales_that_nobody_listed_are_told(world: World, published: Published) -> None:
    leads = set(Reading(world).leads)
    rejected: Counter[str] = Counter()
    for row in world.feedback:
        if datetime.fromisoformat(row["日時"]).date() <= AS_OF:
            if row["リードID"] not in leads:
                rejected["lead_unknown"] += 1
            elif row["判定"] == "perhaps":
                rejected["disposition_unknown"] += 1
            elif row["判定"] == "ＲＥＴＵＲＮＥＤ" and row["理由"] == "moody":
                rejected["reason_unknown"] += 1
            elif row["再連絡日"] == "in spring":
                rejected["recontact_date_unreadable"] += 1
    assert len(rejected) == 4
    for reason, count in rejected.items():
        assert f"feedback: {count} rows not used as they stand ({reason})." in published.output
    assert "moody" not in published.output
