"""The simulated company, built: what is found in its raw tables against what was planted.

The truth tables say who is who, which records are one company and which events machines made. The
company is built twice: as it is, with more events from a wrong clock, and without all that machines
and wrong clocks did. Both must score alike.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import pytest

from tests.orchestration.building import REPOSITORY, Published, shipped_seeds

HOME = REPOSITORY / "data" / "simulated_company"
AS_OF = date(2026, 10, 31)
CONTACTS = 2_000
EVENTS = 100_000
SOURCES = ("hubspot", "segment")
SCORES = ("fct_score_ledger", "fct_lead_scores", "fct_lead_grades", "fct_lead_score_values")


@dataclass(frozen=True)
class Company:
    """Raw tables, truth, warehouse and marts of one build, each a schema of one connection."""

    published: Published
    without_machines: Published
    workdir: Path
    connection: duckdb.DuckDBPyConnection

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query).fetchall()

    def one(self, query: str) -> Any:
        ((value,),) = self.rows(query)
        return value


def load_generator() -> ModuleType:
    specification = importlib.util.spec_from_file_location("simulated", HOME / "generate.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def show_files(connection: duckdb.DuckDBPyConnection, folder: Path, *schemas: str) -> None:
    """Make a view of every file of some folders."""
    for schema in schemas:
        connection.execute(f"create schema {schema}")
        for file in sorted((folder / schema).glob("*.parquet")):
            connection.execute(f"create view {schema}.{file.stem} as from '{file}'")


def plant(folder: Path) -> Path:
    """Add askers of both kinds of opt-out, and wrong clocks everywhere.

    Gives the folder of the same tables without anything that machines and wrong clocks did.
    """
    without = folder.with_name("without_machines")
    tables: dict[str, tuple[str, str]] = {}
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        show_files(connection, folder, *SOURCES, "truth")
        # Everybody who does not want mailings, or any contact, asks for a demo.
        asked = """
            select submissions.* replace (
                contacts.id as contact_id, 'asks-' || contacts.id as conversion_id,
                '2026-10-21 03:00:00' as timestamp
            )
            from hubspot.contact as contacts
            cross join (
                select * from hubspot.contact_form_submission where title = 'デモ依頼フォーム'
                order by conversion_id limit 1
            ) as submissions
            where property_hs_email_optout = 'true' or property_do_not_contact = 'true'
        """
        tables["hubspot/contact_form_submission"] = (
            f"""
            from hubspot.contact_form_submission union all {asked} union all
            select * replace (conversion_id || '-future' as conversion_id,
                (timestamp::timestamp + interval 2 year)::text as timestamp)
            from hubspot.contact_form_submission
            """,
            f"from hubspot.contact_form_submission union all {asked}",
        )
        machine_ids = "select event_id from truth.machine_events"
        tables["hubspot/email_event"] = (
            """
            from hubspot.email_event union all
            select * replace (id || '-future' as id, sent_by_id || '-future' as sent_by_id,
                (created::timestamp + interval 2 year)::text as created)
            from hubspot.email_event where id not in (select event_id from truth.machine_events)
            """,
            f"from hubspot.email_event where id not in ({machine_ids})",
        )
        tables["hubspot/engagement_call"] = (
            """
            from hubspot.engagement_call union all
            select * replace (engagement_id || '-future' as engagement_id,
                (property_hs_timestamp::timestamp + interval 2 year)::text as property_hs_timestamp)
            from hubspot.engagement_call
            """,
            "from hubspot.engagement_call",
        )
        for table in ("engagement_contact", "engagement_company"):
            tables[f"hubspot/{table}"] = (
                f"""
                from hubspot.{table} union all
                select * replace (engagement_id || '-future' as engagement_id)
                from hubspot.{table} where engagement_type = 'CALL'
                """,
                f"from hubspot.{table}",
            )
        tables["hubspot/engagement"] = (
            """
            from hubspot.engagement union all
            select * replace (id || '-future' as id) from hubspot.engagement where type = 'CALL'
            """,
            "from hubspot.engagement",
        )
        # Tomorrow every browser says to be somebody else.
        tables["segment/identifies"] = (
            """
            from segment.identifies union all
            select * replace (id || '-future' as id,
                lag(email) over (order by timestamp, id) as email,
                (timestamp::timestamp + interval 2 year)::text as timestamp)
            from segment.identifies
            """,
            "from segment.identifies",
        )
        for table in ("pages", "tracks"):
            tables[f"segment/{table}"] = (
                f"from segment.{table}",
                f"""
                from segment.{table} where id not in ({machine_ids}) and id not in (
                    select event_id from truth.odd_events
                    where kind = 'wrong clock' and table_name = '{table}'
                )
                """,
            )
        for source in SOURCES:
            (without / source).mkdir(parents=True)
            for file in sorted((folder / source).glob("*.parquet")):
                target = without / source / file.name
                _, query = tables.get(f"{source}/{file.stem}", ("", f"from {source}.{file.stem}"))
                connection.execute(f"copy ({query}) to '{target}'")
        for name, (query, _) in tables.items():
            connection.execute(f"copy ({query}) to '{folder / name}.new' (format parquet)")
    for name in tables:
        (folder / f"{name}.new").rename(folder / f"{name}.parquet")
    return without


@pytest.fixture(scope="module")
def company(
    build: Callable[..., Published], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Company]:
    folder: Path = tmp_path_factory.mktemp("simulated_build")
    load_generator().generate(folder / "raw", CONTACTS, EVENTS)
    without = plant(folder / "raw")

    def run(raw: Path) -> Published:
        workdir = folder / f"work_{raw.name}"
        return build(raw, workdir, AS_OF, None, ",".join(SOURCES), is_tested=raw != without)

    with ThreadPoolExecutor() as pool:
        published, published_without = pool.map(run, (folder / "raw", without))
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        show_files(connection, folder / "raw", *SOURCES, "truth")
        database = folder / "work_raw" / "warehouse" / "leads.duckdb"
        connection.execute(f"attach '{database}' as built (read_only)")
        connection.execute("create schema marts")
        for file in published.folder.glob("*.parquet"):
            connection.execute(f"create view marts.{file.stem} as from '{file}'")
        connection.execute(
            """
            create view people as
            select contacts.*, record_leads.lead_id
            from truth.contacts
            left join built.intermediate.int_record_leads as record_leads
                on record_leads.record_id = contacts.contact_id
                and record_leads.source_name = 'hubspot'
            """
        )
        yield Company(published, published_without, folder / "work_raw", connection)


def content_hashes(published: Published) -> dict[str, str]:
    manifest = json.loads((published.folder / "manifest.json").read_text(encoding="utf-8"))
    return {name: mart["content_hash"] for name, mart in manifest["marts"].items()}


# --- People ---------------------------------------------------------------------------------------


def test_the_records_of_a_person_are_one_lead_and_two_people_are_two(company: Company) -> None:
    pairs = company.rows(
        """
        select
            one.person_id = other.person_id as is_true,
            one.lead_id = other.lead_id as is_found,
            count(*)
        from people as one
        inner join people as other
            on one.contact_id < other.contact_id
            and (one.person_id = other.person_id or one.lead_id = other.lead_id)
        group by all
        """
    )
    # Both precision and recall: no pair but those of one person and one lead.
    assert pairs == [(True, True, 100)]


def test_every_living_contact_is_a_lead_and_no_deleted_or_merged_one_is(company: Company) -> None:
    found = {lead_id for (lead_id,) in company.rows("select lead_id from marts.dim_leads")}
    expected = company.rows(
        "select contact_id from truth.contacts where record_kind = 'main' and row_state = 'alive'"
    )
    assert found == {contact_id for (contact_id,) in expected}
    states = dict(
        company.rows(
            "select record_kind || ' ' || row_state, count(*) from truth.contacts group by all"
        )
    )
    gone = ("main deleted", "merged_in_audit deleted", "merged_in_ids_only alive")
    assert min(states[state] for state in gone) >= 10


def test_people_behind_a_shared_mailbox_stay_apart(company: Company) -> None:
    leads, people = company.rows(
        """
        select count(distinct lead_id), count(distinct person_id)
        from truth.people inner join people using (person_id)
        where has_shared_mailbox
        """
    )[0]
    assert leads == people == 30
    addresses = "select email from built.intermediate.int_lead_addresses"
    query = f"select count(*) from truth.people where has_shared_mailbox and email in ({addresses})"
    assert company.one(query) == 0


def test_who_opted_out_of_mailings_and_asks_is_scored_and_who_wants_silence_is_not(
    company: Company,
) -> None:
    scored = company.rows(
        """
        select distinct
            coalesce(contact.property_do_not_contact, 'false') = 'true' as wants_silence,
            leads.is_scored, leads.do_not_contact,
            leads.email_opt_out = (coalesce(contact.property_hs_email_optout, '') = 'true'),
            coalesce(leads.exclusion_reason, ''),
            ledger.lead_id is not null as is_credited
        from hubspot.contact as contact
        inner join people on people.contact_id = contact.id
        inner join truth.people as persons using (person_id)
        inner join marts.dim_leads as leads on leads.lead_id = contact.id
        left join marts.fct_score_ledger as ledger
            on ledger.lead_id = leads.lead_id
            and ledger.rule_id = 'eng_demo_request'
            and ledger.entry_type = 'points'
        where
            (contact.property_do_not_contact = 'true' or contact.property_hs_email_optout = 'true')
            and coalesce(leads.exclusion_reason, '') not in ('vendor', 'competitor', 'internal')
        order by all
        """
    )
    assert scored == [
        (False, True, False, True, "", True),
        (True, False, True, True, "do_not_contact", False),
    ]
    asked = company.one(
        """
        select count(distinct lead_id) from truth.people
        inner join people using (person_id)
        inner join marts.fct_lead_scores using (lead_id)
        where asks_though_unsubscribed and engagement_score > 0
        """
    )
    assert asked == 6


# --- Companies ------------------------------------------------------------------------------------

COMPANY_PAIRS = """
with

records as (
    select truth_companies.*, record_companies.company_key
    from truth.companies as truth_companies
    inner join built.intermediate.int_record_companies as record_companies using (company_id)
    where record_companies.source_name = 'hubspot'
)

select
    one.company_truth_id = other.company_truth_id as is_true,
    one.is_expected_match and other.is_expected_match as is_expected,
    one.company_key = other.company_key as is_found,
    one.company_id as left_id,
    other.company_id as right_id,
    one.is_homonym as is_homonym
from records as one
inner join records as other
    on one.company_id < other.company_id
    and (
        one.company_truth_id = other.company_truth_id
        or one.company_key = other.company_key
    )
"""


def test_company_records_are_joined_as_they_should_be(company: Company) -> None:
    rows = company.rows(COMPANY_PAIRS)
    found = [row for row in rows if row[2]]
    assert [row for row in found if not row[0]] == [], "precision"
    # A name and nothing else joins nobody, even where it is the same company.
    assert [row for row in found if not row[1]] == []
    expected = [row for row in rows if row[0] and row[1]]
    assert len(expected) >= 30
    recall = sum(row[2] for row in expected) / len(expected)
    assert recall >= 0.95


def test_each_match_of_companies_has_its_evidence(company: Company) -> None:
    without = company.rows(
        f"""
        with pairs as ({COMPANY_PAIRS})
        select left_id, right_id from pairs
        where is_found and not exists (
            select 1 from marts.rpt_company_matches as matches
            where matches.verdict = 'joined' and matches.match_kind is not null
                and pairs.left_id in (matches.left_record_id, matches.right_record_id)
        ) or is_found and not exists (
            select 1 from marts.rpt_company_matches as matches
            where matches.verdict = 'joined' and matches.match_kind is not null
                and pairs.right_id in (matches.left_record_id, matches.right_record_id)
        )
        """
    )
    assert without == []


def test_two_companies_of_one_name_are_two(company: Company) -> None:
    counts = company.rows(
        """
        select
            count(distinct company_truth_id),
            count(distinct company_key),
            count(*) filter (where companies.prefecture_code is null)
        from truth.companies as truth_companies
        inner join built.intermediate.int_record_companies using (company_id)
        inner join built.intermediate.int_companies as companies using (company_key)
        where truth_companies.is_homonym
        """
    )
    assert counts == [(4, 4, 0)]


def test_no_lead_is_in_a_company_that_is_not_its_own(company: Company) -> None:
    wrong = company.rows(
        """
        select leads.lead_id, leads.company_id
        from marts.dim_leads as leads
        inner join people on people.contact_id = leads.lead_id
        inner join truth.people as persons using (person_id)
        inner join truth.companies as companies using (company_id)
        where companies.company_truth_id is distinct from persons.company_truth_id
        """
    )
    assert wrong == []
    nameless = company.one(
        """
        select count(*)
        from marts.dim_leads as leads
        inner join marts.dim_companies as companies using (company_id)
        where leads.company_name is null and companies.company_name is not null
        """
    )
    assert nameless == 0
    # Whoever writes from a free address belongs to a company only by what else is known.
    private = company.rows(
        """
        select count(*), count(leads.company_id)
        from marts.dim_leads as leads
        inner join people on people.contact_id = leads.lead_id
        inner join truth.people as persons using (person_id)
        where persons.kind = 'private'
        """
    )
    assert private[0][0] > 30
    assert private[0][1] == 0
    free = {row["domain"] for row in shipped_seeds("reference")["email_domains"]}
    domains = company.rows("select domain from marts.dim_companies where domain is not null")
    assert len(domains) > 100
    assert not free & {domain for (domain,) in domains}


# --- Machines, visitors and wrong clocks ----------------------------------------------------------


def test_what_machines_did_is_known_for_it_and_nothing_else_is(company: Company) -> None:
    query = """
        select
            machine_events.kind,
            events.is_automated,
            count(*)
        from built.intermediate.int_lead_events as events
        left join truth.machine_events
            on machine_events.event_id = split_part(events.event_id, ':', 2)
            and machine_events.source = events.source_name
        where events.event_type in ('email_opened', 'email_clicked', 'page_viewed', 'visit_started')
        group by all
    """
    found = {(kind, is_automated): count for kind, is_automated, count in company.rows(query)}
    kinds = {"bot", "link scanner", "privacy proxy"}
    assert {kind for kind, is_automated in found if is_automated} == kinds
    assert {kind for kind, is_automated in found if not is_automated} == {None}
    assert min(found.values()) > 1000


def test_machines_and_wrong_clocks_change_no_score(company: Company) -> None:
    # Most of what the machines did would count for somebody.
    counted = company.one(
        "select count(*) from built.intermediate.int_lead_events "
        "where is_automated and lead_key is not null"
    )
    future = company.one(
        "select count(distinct lead_key) from built.intermediate.int_lead_events "
        f"where event_date > '{AS_OF}'"
    )
    assert counted > 2000
    assert future > 500
    dirty, clean = content_hashes(company.published), content_hashes(company.without_machines)
    assert {name: dirty[name] for name in SCORES} == {name: clean[name] for name in SCORES}


def test_history_before_identification_is_the_lead_s(company: Company) -> None:
    query = """
        with

        visitors as (
            select visitors.anonymous_id, visitors.first_identified_at, people.lead_id
            from truth.visitors
            inner join people using (contact_id)
            inner join truth.people as persons using (person_id)
            inner join built.intermediate.int_lead_addresses as addresses
                on addresses.email = lower(persons.email)
            where visitors.first_identified_at is not null
                and visitors.second_contact_id is null
        ),

        views as (
            select
                visitors.anonymous_id,
                visitors.lead_id as true_lead_id,
                leads.lead_id,
                pages.timestamp::timestamp < visitors.first_identified_at as is_before
            from visitors
            inner join segment.pages on pages.anonymous_id = visitors.anonymous_id
            inner join built.intermediate.int_lead_events as events
                on events.event_id = 'page:' || pages.id and events.source_name = 'segment'
            left join built.intermediate.int_leads as leads using (lead_key)
        )

        select is_before, lead_id is not distinct from true_lead_id, count(distinct anonymous_id)
        from views
        where not (is_before is null)
        group by all
    """
    found = {(is_before, is_right): count for is_before, is_right, count in company.rows(query)}
    assert set(found) == {(True, True), (False, True)}
    assert min(found.values()) > 100


def test_a_visitor_who_never_said_a_name_is_nobody(company: Company) -> None:
    credited = company.one(
        """
        select count(*)
        from truth.visitors
        inner join segment.pages using (anonymous_id)
        inner join built.intermediate.int_lead_events as events
            on events.event_id = 'page:' || pages.id
        where visitors.kind <> 'person' and events.lead_key is not null
        """
    )
    assert credited == 0


# --- Outcomes -------------------------------------------------------------------------------------


def test_won_amounts_of_leads_are_those_of_all_new_business_deals(company: Company) -> None:
    """Worked out from the raw tables alone: closed by the as-of day, not deleted, new business."""
    deals, amount = company.rows(
        f"""
        select count(*), sum(deal.property_amount::decimal(18, 2))
        from hubspot.deal
        inner join hubspot.deal_pipeline_stage as stages
            on stages.stage_id = deal.deal_pipeline_stage_id
        inner join hubspot.deal_pipeline as pipelines
            on pipelines.pipeline_id = deal.deal_pipeline_id
        where pipelines.label = '新規営業' and stages.closed_won = 'true'
            and deal.is_deleted = 'false'
            and deal.deal_id not in (select merged_deal_id from hubspot.merged_deal)
            and (deal.property_closedate::timestamp + interval 9 hour)::date <= '{AS_OF}'
        """
    )[0]
    won = company.rows(
        "select count(distinct deal_id), sum(attributed_amount), sum(outcome_weight) "
        "from marts.fct_lead_outcomes where outcome = 'won'"
    )
    assert deals > 20
    assert amount % 1 != 0 or amount > Decimal("1000000")
    assert won == [(deals, amount, Decimal(deals))]


def test_deals_are_won_and_lost_as_they_truly_were(company: Company) -> None:
    wrong = company.rows(
        """
        select deals.deal_id
        from truth.deals
        full join (select distinct deal_id, outcome from marts.fct_lead_outcomes) as outcomes
            using (deal_id)
        where (not deals.is_deleted and deals.pipeline_id = 'default')
            is distinct from (outcomes.deal_id is not null)
            or (outcomes.deal_id is not null
                and outcomes.outcome <> coalesce(deals.outcome, 'open'))
        """
    )
    assert wrong == []


# --- What sales answered --------------------------------------------------------------------------


def test_every_answer_of_sales_is_there_with_its_meaning_and_time(company: Company) -> None:
    answers = """
        with told as (
            select lead_id, words.disposition, words.handoff_stage, answered_at::timestamp as at
            from truth.sales_answers as answers
            inner join built.seeds.disposition_values as words
                on words.source = 'hubspot' and words.source_object = 'contact'
                and words.source_field = answers.name and words.source_value = answers.value
            inner join built.intermediate.int_record_leads as records
                on records.source_name = 'hubspot' and records.record_id = answers.contact_id
        ),
        found as (
            select lead_id, disposition, handoff_stage, occurred_at
            from built.intermediate.int_dispositions
            where regexp_matches(disposition_key, '^contact:[0-9]+:ls_')
        )
    """
    assert company.one(f"{answers} select count(*) from told") > 250
    for missing in ("from told except from found", "from found except from told"):
        assert company.rows(f"{answers} {missing}") == []


def test_every_return_has_the_reason_that_was_noted_with_it(company: Company) -> None:
    returns = company.rows(
        """
        select dispositions.reason_id, answers.value
        from truth.sales_answers as answers
        inner join built.intermediate.int_dispositions as dispositions
            on dispositions.disposition_key in (
                'contact:' || answers.contact_id || ':hs_lead_status:'
                || (answers.answered_at::timestamp - interval 1 minute)::text,
                'contact:' || answers.contact_id || ':hs_lead_status:' || answers.answered_at,
                'contact:' || answers.contact_id || ':ls_fs_disposition:'
                || (answers.answered_at::timestamp - interval 1 minute)::text
            )
        where answers.name = 'ls_return_reason' and dispositions.disposition = 'returned'
        """
    )
    assert len(returns) > 40
    assert {reason for reason, _ in returns} >= {"too_early", "too_small"}
    assert [pair for pair in returns if pair[0] != pair[1]] == []
    undated = """
        select count(*) from built.intermediate.int_dispositions
        where disposition_key like '%:hs_lead_status:%' and reason_id = 'too_early'
            and recontact_date is null
    """
    assert company.one(undated) == 0


# --- The default rules at work --------------------------------------------------------------------


def test_every_lead_stands_once_and_the_scored_ones_have_one_grade(company: Company) -> None:
    for mart in ("dim_leads", "fct_lead_scores"):
        query = f"select count(*) - count(distinct lead_id) from marts.{mart}"
        assert company.one(query) == 0
    scored = "select lead_id from marts.dim_leads where is_scored order by all"
    graded = "select lead_id from marts.fct_lead_scores where grade is not null order by all"
    assert company.rows(scored) == company.rows(graded)


def test_grades_are_spread_sensibly(company: Company) -> None:
    # Those who were made to ask for a demo above are left out.
    shares = dict(
        company.rows(
            """
            select grade, count(*) / sum(count(*)) over ()
            from marts.fct_lead_scores
            where lead_id not in (
                select contact_id from hubspot.contact_form_submission
                where conversion_id like 'asks-%'
            )
            group by all
            """
        )
    )
    assert set(shares) == {row["grade"] for row in shipped_seeds("scoring")["grades"]}
    assert 0.01 <= shares["A1"] + shares["B1"] <= 0.04
    assert shares["A1"] < shares["A2"] < shares["A3"]
    assert shares["B1"] < shares["B2"] < shares["B3"]
    assert max(shares.values()) < 0.5


def test_every_rule_fires_for_someone(company: Company) -> None:
    rules = {row["rule_id"] for row in shipped_seeds("scoring")["scoring_rules"]}
    query = "select distinct rule_id from marts.fct_score_ledger where rule_id is not null"
    firing = {rule_id for (rule_id,) in company.rows(query)}
    assert rules - firing == set()


# --- What a build lets out ------------------------------------------------------------------------


def test_neither_output_nor_logs_hold_an_address_or_a_telephone_number(company: Company) -> None:
    personal = {
        value.strip().lower()
        for (value,) in company.rows(
            """
            select property_email from hubspot.contact
            union select property_phone from hubspot.contact
            union select property_phone from hubspot.company
            union select email from segment.identifies
            union select recipient from hubspot.email_event
            """
        )
        if value
    }
    assert len(personal) > CONTACTS
    warehouse = company.workdir / "warehouse"
    wordlike = re.compile(r"[^\s\"'<>,;:()\[\]{}|\\/]+@[^\s\"'<>,;:()\[\]{}|\\/]+|[+\d][\d-]{8,}\d")

    def words(*folders: Path) -> dict[str, set[str]]:
        return {
            str(file): {
                word.lower()
                for word in wordlike.findall(file.read_bytes().decode("utf-8", "replace"))
            }
            for folder in folders
            for file in folder.rglob("*")
            if file.is_file() and file.suffix not in (".duckdb", ".parquet", ".wal")
        }

    written = words(warehouse / "logs", warehouse / "target", company.published.folder)
    assert {"run_results.json", "manifest.json"} <= {Path(name).name for name in written}
    # The project's own examples, which dbt copies, are nobody's.
    examples = set().union(*words(REPOSITORY / "models", REPOSITORY / "seeds").values())
    written["output"] = set(wordlike.findall(company.published.output.lower()))
    for name, found in written.items():
        leaked = found & personal - examples
        assert not leaked, f"{name}: {len(leaked)} addresses or numbers"
