"""Derived attributes, motions and exclusions on a small world of the file source."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.inspection.explain_rule import explain_rule
from orchestration.lib.inspection.field_tables import REFINED_FIELDS
from orchestration.lib.inspection.fields import list_fields
from orchestration.lib.settings import resolve_settings
from tests.orchestration.building import REPOSITORY, Published
from tests.orchestration.seed_folders import RULE_COLUMNS

AS_OF = date(2026, 10, 30)

LEADS = """\
lead_id,役職,部署,業種,都道府県,country,email,会社名,従業員数,取引区分,opted_out,email_opt_out,is_shared_mailbox
head,営業部長,,製造業,東京,,taro@acme.example,アクメ,300〜999名,customer,,,
deputy,部長代理,経理部,,13,,info@gmail.com,アクメ,"1,000+",,,,
abroad,Assistant to the CEO,,,Lima,Peru,maria@empresa.example,,50,partner,,true,yes
staff,社長秘書,,,,,hana@example.co.jp,,,,,,
test,,,,,,,テスト株式会社,,,,,
rival,,,,,,,,,competitor,,,
seller,,,,,,,,,vendor,,,
asked,,,,,,,,,,yes,,
"""
EVENTS = """\
lead_id,event_type,occurred_at
head,visit_started,2026-10-29
head,chat_started,2026-08-01
"""
RULES = f"""\
{RULE_COLUMNS}
head,fit,all,lead,,1,,,,,none,,,,,,,
core,fit,all,lead,,2,,,,,none,,,,,,,
tokyo,fit,all,lead,,4,,,,,none,,,,,,,
large,fit,all,lead,,8,,,,,none,,,,,,,
customer,fit,all,lead,,16,,,,,none,,,,,,,
returned,fit,all,lead,,32,,,,,none,,,,,,,
shared,fit,all,lead,,64,,,,,none,,,,,,,
"""
CONDITIONS = """\
rule_id,alternative,field,operator,value
head,1,job_level,equals,head
core,1,industry_group,equals,manufacturing
core,1,job_function,equals,sales
tokyo,1,prefecture,in,Tokyo|大阪
tokyo,1,region,equals,kanto
tokyo,1,sales_territory,equals,branch
large,1,employee_count,gte,1000
customer,1,motion,equals,expansion
returned,1,quiet_days_before_last_visit,gte,60
returned,1,days_since_last_visit,lte,6
shared,1,is_shared_mailbox,equals,yes
"""


@pytest.fixture(scope="module")
def world(build: Callable[..., Published], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workdir of the built world."""
    folder = tmp_path_factory.mktemp("attributes")
    for name, text in {
        "raw/leads.csv": LEADS,
        "raw/events.csv": EVENTS,
        "rules/scoring_rules.csv": RULES,
        "rules/rule_conditions.csv": CONDITIONS,
        "rules/score_groups.csv": "score_id,group_id\nfit,all\n",
    }.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    build(folder / "raw", folder / "work", AS_OF, folder / "rules")
    return folder / "work"


def rows(world: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(world / "warehouse" / "leads.duckdb", read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_rules_see_derived_and_measured_attributes_and_the_motion(world: Path) -> None:
    points = {
        str(lead): {str(rule) for rule in str(rules).split("|") if rule}
        for lead, rules in rows(
            world,
            """
            select leads.lead_id, coalesce(string_agg(ledger.rule_id, '|'), '')
            from marts.fct_lead_scores as leads
            left join marts.fct_score_ledger as ledger on leads.lead_id = ledger.lead_id
            group by leads.lead_id
            """,
        )
    }
    assert points == {
        "head": {"head", "core", "tokyo", "customer", "returned"},
        "deputy": {"tokyo", "large"},
        # The file says what its column is_shared_mailbox holds; nothing is computed in its place.
        "abroad": {"shared"},
    }


def test_exclusions_fire_on_derived_attributes_too(world: Path) -> None:
    found = dict(rows(world, "select lead_id, exclusion_reason from marts.dim_leads"))
    assert found == {
        "head": None,
        "deputy": None,
        "abroad": None,
        "staff": "internal",
        "test": "internal",
        "rival": "competitor",
        "seller": "vendor",
        "asked": "do_not_contact",
    }


def test_an_opt_out_from_mailings_stops_mailings_only(world: Path) -> None:
    query = "select lead_id from marts.dim_leads where email_opt_out and is_scored"
    assert rows(world, query) == [("abroad",)]
    query = """
        select distinct leads.lead_id
        from intermediate.int_lead_exclusions as exclusions
        inner join intermediate.int_leads as leads on exclusions.lead_key = leads.lead_key
        where exclusions.exclusion_id = 'email_opt_out' and exclusions.stops_scoring
    """
    assert rows(world, query) == []


def test_the_motion_stands_in_the_mart_as_rules_see_it(world: Path) -> None:
    query = "select lead_id, motion from marts.dim_leads where motion <> 'new_business'"
    assert sorted(rows(world, query)) == [("abroad", "partner"), ("head", "expansion")]


def test_fields_show_computed_attributes_as_rules_see_them(world: Path) -> None:
    settings = resolve_settings({"workdir": str(world)}, environment={}, folder=world)
    fields = {field.name: field for field in list_fields(settings)}
    known = {
        name: field.filling.known_rows
        for name, field in fields.items()
        if field.filling is not None
    }
    assert known["job_level"] == 4
    assert known["region"] == 2
    assert known["email_domain"] == 4
    # What the head says of their company holds for the deputy: one name in one prefecture.
    assert known["industry_group"] == 2
    assert known["quiet_days_before_last_visit"] == 1
    assert known["motion"] == 8
    # The column of the file, and a measure that nothing names.
    assert known["is_shared_mailbox"] == 1
    assert "active_days_30d" not in known
    filling = fields["prefecture"].filling
    assert filling is not None
    assert [(each.value, each.rows) for each in filling.frequent_values] == [("東京都", 2)]


def test_explain_shows_the_computed_value_that_a_condition_saw(world: Path) -> None:
    settings = resolve_settings({"workdir": str(world)}, environment={}, folder=world)
    for lead, rule, seen in (
        ("head", "customer", ["expansion"]),
        ("deputy", "large", ["1000"]),
        ("deputy", "head", ["manager"]),
        ("head", "returned", ["1", "89"]),
        ("abroad", "customer", ["partner"]),
    ):
        explanation = explain_rule(settings, lead, rule)
        checks = [check for each in explanation.alternatives for check in each.conditions]
        assert [check.seen for check in checks] == seen
    assert explain_rule(settings, "head", "tokyo").are_conditions_met


def test_refined_fields_are_those_of_the_models() -> None:
    macro = (REPOSITORY / "macros" / "refined_fields.sql").read_text(encoding="utf-8")
    names = macro.split("return([", 1)[1].split("])", 1)[0]
    assert {name.strip().strip("'") for name in names.split(",")} == REFINED_FIELDS
