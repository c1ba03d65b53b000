"""Raw rows in, exact marts out."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.orchestration.building import (
    Published,
    read_rows,
    served,
    shipped_seeds,
    write_rows,
)

Build = Callable[..., Published]

GOLDEN = Path(__file__).parent


def copy_raw_files(source: Path, destination: Path) -> Path:
    """A folder with the raw files alone."""
    destination.mkdir()
    for name in ("leads.csv", "events.csv"):
        (destination / name).write_bytes((source / name).read_bytes())
    return destination


def test_test_persons_get_the_expected_scores_and_grades(persons: Path) -> None:
    published = served(persons)
    expected = {
        row["lead_id"]: (
            Decimal(row["fit_score"]),
            Decimal(row["engagement_score"]),
            row["grade"],
        )
        for row in read_rows(GOLDEN / "test_persons" / "expected_2026-10-30.csv")
    }
    query = "select lead_id, fit_score, engagement_score, grade from fct_lead_scores"
    actual = {row[0]: row[1:] for row in published.rows(query)}
    assert actual == expected


@pytest.fixture(scope="module")
def hand_computed(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Published:
    folder = tmp_path_factory.mktemp("hand_computed")
    raw_dir = copy_raw_files(GOLDEN / "hand_computed", folder / "raw")
    rules = folder / "rules"
    shutil.copytree(GOLDEN / "hand_computed" / "rules", rules)
    # A team that excludes nobody from mailings.
    for name, rows in shipped_seeds("reference").items():
        if name in ("exclusions", "exclusion_conditions"):
            others = [row for row in rows if row["exclusion_id"] != "email_opt_out"]
            write_rows(rules / f"{name}.csv", list(rows[0]), others)
    return build(raw_dir, folder / "work", date(2026, 6, 30), rules, is_tested=True)


def test_ledger_lines_are_those_worked_by_hand(hand_computed: Published) -> None:
    expected = [
        tuple(row.values()) for row in read_rows(GOLDEN / "hand_computed" / "expected_ledger.csv")
    ]
    query = """
        select
            lead_id, score_id, coalesce(group_id, ''), coalesce(rule_id, ''), entry_type,
            cast(points as varchar), coalesce(cast(occurrences as varchar), ''),
            coalesce(cast(last_event_date as varchar), '')
        from fct_score_ledger
    """
    assert sorted(hand_computed.rows(query)) == sorted(expected)


def test_scores_and_grades_are_those_worked_by_hand(hand_computed: Published) -> None:
    expected = [
        tuple(row.values()) for row in read_rows(GOLDEN / "hand_computed" / "expected_scores.csv")
    ]
    query = """
        select
            lead_id, cast(fit_score as varchar), cast(engagement_score as varchar),
            fit_band, engagement_band, grade
        from fct_lead_scores
    """
    assert sorted(hand_computed.rows(query)) == sorted(expected)


def test_a_lead_that_opted_out_is_known_but_not_scored(hand_computed: Published) -> None:
    query = "select lead_id, is_scored, do_not_contact, exclusion_reason from dim_leads order by 1"
    assert hand_computed.rows(query) == [
        ("001", True, False, None),
        ("002", True, False, None),
        ("003", False, True, "do_not_contact"),
        ("005", True, False, None),
        ("006", True, False, None),
    ]


def test_an_opt_out_from_mailings_shows_where_no_exclusion_asks_for_it(
    hand_computed: Published,
) -> None:
    query = "select lead_id, email_opt_out from dim_leads order by 1"
    assert hand_computed.rows(query) == [
        ("001", True),
        ("002", False),
        ("003", False),
        ("005", False),
        ("006", False),
    ]


# Of 22 contacts one has taken in three others, which only its list of merged ids tells.
FIVETRAN_LEADS = """
    32820151 33419651 36842001 39543551 39893151 41932551 42820351 48067201 48722101 55703851
    56072901 69477701 69487901 69869451 70526501 74075201 75141301 78971951 79092001
"""
FIVETRAN_MERGED = {"76340251", "46897301", "76226001"}


def test_merged_contacts_of_the_hubspot_tables_are_no_leads(build: Build, tmp_path: Path) -> None:
    tables = GOLDEN / "fivetran_hubspot"
    contacts = {row["id"] for row in read_rows(tables / "contact_data.csv")}
    assert contacts == {*FIVETRAN_LEADS.split(), *FIVETRAN_MERGED}
    published = build(
        tables, tmp_path / "work", date(2021, 6, 30), source="hubspot", is_tested=True
    )
    for mart in ("dim_leads", "fct_lead_scores"):
        found = [lead_id for (lead_id,) in published.rows(f"select lead_id from {mart} order by 1")]
        assert found == FIVETRAN_LEADS.split()
