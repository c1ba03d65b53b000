"""The bundled bank calls: what the script makes of the original, and what the rules say of it."""

from __future__ import annotations

import csv
import gzip
import math
import re
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SCRIPT = REPOSITORY / "data" / "make_bank_marketing.py"
BANK = REPOSITORY / "data" / "bank_marketing"

Row = dict[str, str]

ORIGINAL_HEADER = (
    '"age";"job";"contact";"month";"day_of_week";"duration";"campaign";"pdays";"previous";'
    '"emp.var.rate";"euribor3m";"y"'
)


def original_call(
    month: str, weekday: str, rate: str, answer: str = "no", days: str = "999"
) -> str:
    return f'40;"unknown";"telephone";"{month}";"{weekday}";261;1;{days};0;1.1;{rate};"{answer}"'


def make(folder: Path, *calls: str) -> subprocess.CompletedProcess[str]:
    original = folder / "original.csv"
    original.write_text("\n".join((ORIGINAL_HEADER, *calls)) + "\n", encoding="utf-8")
    return run_script(original, folder / "made")


def run_script(original: Path, destination: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), str(original), str(destination)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def read_packed(file: Path) -> list[Row]:
    with gzip.open(file, "rt", encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def read_rules(name: str) -> list[Row]:
    with (BANK / "rules" / f"{name}.csv").open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


@pytest.fixture(scope="module")
def leads() -> list[Row]:
    return read_packed(BANK / "leads.csv.gz")


@pytest.fixture(scope="module")
def outcomes() -> list[Row]:
    return read_packed(BANK / "outcomes.csv.gz")


def test_the_days_follow_from_month_weekday_rate_and_order(tmp_path: Path) -> None:
    done = make(
        tmp_path,
        original_call("may", "fri", "4.85"),
        original_call("may", "fri", "4.85"),
        original_call("may", "mon", "4.86"),
        original_call("may", "mon", "4.87"),
        original_call("oct", "fri", "5.04"),
        original_call("mar", "mon", "1.81"),
    )
    assert done.returncode == 0, done.stderr
    made = read_packed(tmp_path / "made" / "leads.csv.gz")
    assert [row["created_at"] for row in made] == [
        "2008-05-02",  # the first Friday of May 2008
        "2008-05-02",
        "2008-05-05",
        "2008-05-12",  # the same weekday with another rate is a week later
        "2008-10-17",
        "2009-03-02",  # a month before the one above it begins a year
    ]
    assert (tmp_path / "made" / "as_of").read_text(encoding="utf-8") == "2009-03-03\n"


def test_a_call_becomes_a_lead_and_an_outcome(tmp_path: Path) -> None:
    make(
        tmp_path,
        original_call("may", "mon", "4.857", answer="yes", days="3"),
        original_call("may", "mon", "4.857"),
    )
    first, second = read_packed(tmp_path / "made" / "leads.csv.gz")
    assert list(first) == [
        "lead_id",
        "created_at",
        "age",
        "job",
        "contact",
        "month",
        "day_of_week",
        "campaign",
        "pdays",
        "previous",
        "emp_var_rate",
        "euribor3m",
    ]
    assert (first["lead_id"], first["job"], first["pdays"]) == ("1", "", "3")
    assert (second["lead_id"], second["pdays"], second["emp_var_rate"]) == ("2", "", "1.1")
    assert read_packed(tmp_path / "made" / "outcomes.csv.gz") == [
        {"lead_id": "1", "outcome": "won", "closed_at": "2008-05-05"},
        {"lead_id": "2", "outcome": "lost", "closed_at": "2008-05-05"},
    ]


def test_the_same_original_gives_the_same_bytes(tmp_path: Path) -> None:
    call = original_call("may", "mon", "4.857")
    made = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        make(tmp_path / name, call)
        made.append((tmp_path / name / "made" / "leads.csv.gz").read_bytes())
    assert made[0] == made[1]


@pytest.mark.parametrize(
    "calls",
    [
        # Six Mondays in one month.
        [original_call("may", "mon", f"4.8{number}") for number in range(6)],
        [original_call("maj", "mon", "4.8")],
        [],
    ],
    ids=["too many days", "no month", "no calls"],
)
def test_another_file_is_refused_in_one_line(tmp_path: Path, calls: list[str]) -> None:
    done = make(tmp_path, *calls)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "bank-additional-full.csv" in done.stderr
    assert not (tmp_path / "made").exists()


def test_an_original_cut_short_is_refused(tmp_path: Path) -> None:
    original = tmp_path / "original.csv.gz"
    original.write_bytes(gzip.compress(ORIGINAL_HEADER.encode() * 9, mtime=0)[:-9])
    done = run_script(original, tmp_path / "made")
    assert done.returncode == 2
    assert "original.csv.gz: cannot be read" in done.stderr


def test_all_calls_are_there_in_order(leads: list[Row], outcomes: list[Row]) -> None:
    assert len(leads) == 41_188
    assert [row["lead_id"] for row in leads] == [f"{number:05}" for number in range(1, 41_189)]
    assert [row["lead_id"] for row in outcomes] == [row["lead_id"] for row in leads]
    assert Counter(row["outcome"] for row in outcomes) == {"lost": 36_548, "won": 4_640}


def test_the_days_bear_the_months_and_weekdays_of_the_original(leads: list[Row]) -> None:
    days = [date.fromisoformat(row["created_at"]) for row in leads]
    assert days == sorted(days)
    assert all(
        day.strftime("%b %a").lower() == f"{row['month']} {row['day_of_week']}"
        for day, row in zip(days, leads, strict=True)
    )
    rates = defaultdict(set)
    for row in leads:
        rates[row["created_at"]].add(row["euribor3m"])
    assert all(len(values) == 1 for values in rates.values())
    as_of = date.fromisoformat((BANK / "as_of").read_text(encoding="utf-8").strip())
    assert as_of == days[-1] + timedelta(days=1)


def test_nothing_is_known_that_was_not_known_before_the_call(leads: list[Row]) -> None:
    assert not {"duration", "y", "outcome"} & set(leads[0])
    values = {(column, value) for row in leads for column, value in row.items()}
    assert not [column for column, value in values if value == "unknown"]
    assert ("pdays", "999") not in values


def test_rules_name_columns_of_the_leads(leads: list[Row]) -> None:
    rules = {row["rule_id"]: row for row in read_rules("scoring_rules")}
    conditions = read_rules("rule_conditions")
    assert {row["rule_id"] for row in conditions} == set(rules)
    assert {row["field"] for row in conditions} <= set(leads[0]) - {"lead_id", "created_at"}
    groups = {(row["score_id"], row["group_id"]) for row in read_rules("score_groups")}
    assert {(row["score_id"], row["group_id"]) for row in rules.values()} == groups
    for name in ("scoring_rules", "score_groups", "score_definitions"):
        for row in read_rules(name):
            assert row["label_en"], row
            assert re.search(r"[ぁ-んァ-ヶ一-龠]", row["label_ja"]), row


def test_every_pair_of_bands_has_a_grade() -> None:
    bands = defaultdict(set)
    for row in read_rules("score_bands"):
        bands[row["score_id"]].add(row["band"])
    pairs = [(row["fit_band"], row["engagement_band"]) for row in read_rules("grades")]
    assert sorted(pairs) == sorted(
        (fit, engagement) for fit in bands["fit"] for engagement in bands["engagement"]
    )


def holds(condition: Row, lead: Row) -> bool:
    """A small reading of the operators that these rules use."""
    value, operand = lead[condition["field"]], condition["value"]
    if condition["operator"] == "is_unknown" or not value:
        return condition["operator"] == "is_unknown" and not value
    if condition["operator"] == "between":
        low, high = operand.split("|")
        return float(low) <= float(value) <= float(high)
    return {
        "equals": lambda: value == operand,
        "in": lambda: value in operand.split("|"),
        "gte": lambda: float(value) >= float(operand),
        "lt": lambda: float(value) < float(operand),
    }[condition["operator"]]()


def test_weights_follow_the_first_part_of_the_calls(leads: list[Row], outcomes: list[Row]) -> None:
    """The method that the README tells: 50 * ln(lift), 200 average calls added, first 60 %."""
    is_won = {row["lead_id"]: row["outcome"] == "won" for row in outcomes}
    first_part = leads[: len(leads) * 6 // 10]
    base = sum(is_won[lead["lead_id"]] for lead in first_part) / len(first_part)
    conditions = defaultdict(list)
    for condition in read_rules("rule_conditions"):
        conditions[condition["rule_id"]].append(condition)
    judged = []
    for rule in read_rules("scoring_rules"):
        met = [
            is_won[lead["lead_id"]]
            for lead in first_part
            if all(holds(condition, lead) for condition in conditions[rule["rule_id"]])
        ]
        told = f"{sum(met):,} of {len(met):,} won" if met else "No call among the first 60 %"
        assert rule["rationale"].startswith(told), rule["rule_id"]
        if "Judgement" in rule["rationale"]:
            judged.append(rule["rule_id"])
        else:
            lift = (sum(met) + 200 * base) / (len(met) + 200) / base
            assert int(rule["points"]) == round(50 * math.log(lift)), rule["rule_id"]
    assert judged == [
        "eng_bought_before",
        "eng_contacted_lately",
        "eng_spoken_often",
        "climate_fewer_employed",
        "climate_low_interest",
    ]
