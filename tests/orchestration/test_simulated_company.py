"""The simulated company: what its truth promises stands in its raw tables, on every run alike."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.builds import bundled_data
from orchestration.lib.problems import InputError

REPOSITORY = Path(__file__).resolve().parents[2]
HOME = REPOSITORY / "data" / "simulated_company"
GENERATOR = bundled_data._load(HOME / "generate.py")
CONTACTS = 2_000
EVENTS = 100_000
# What a company with 20,000 contacts has, a tenth of it.
TENTH = 10


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("simulated")
    GENERATOR.generate(folder, CONTACTS, EVENTS)
    return folder


@pytest.fixture(scope="module")
def company(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        for schema in ("hubspot", "segment", "truth"):
            connection.execute(f"create schema {schema}")
            for file in sorted((folder / schema).glob("*.parquet")):
                connection.execute(f"create view {schema}.{file.stem} as from '{file}'")
        yield connection


def one(company: duckdb.DuckDBPyConnection, query: str) -> int:
    found = company.execute(query).fetchone()
    assert found is not None
    return int(found[0])


def pairs(company: duckdb.DuckDBPyConnection, query: str) -> dict[str, int]:
    return {str(key): int(value) for key, value in company.execute(query).fetchall()}


def content(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*.parquet"))
    }


def test_the_same_parameters_give_the_same_files(folder: Path, tmp_path: Path) -> None:
    GENERATOR.generate(tmp_path / "again", CONTACTS, EVENTS)
    assert content(tmp_path / "again") == content(folder)


def test_another_seed_gives_another_company(folder: Path, tmp_path: Path) -> None:
    GENERATOR.generate(tmp_path / "other", 400, 4_000, seed=1)
    GENERATOR.generate(tmp_path / "one more", 400, 4_000, seed=2)
    first, second = content(tmp_path / "other"), content(tmp_path / "one more")
    assert first.keys() == second.keys()
    assert first["hubspot/contact.parquet"] != second["hubspot/contact.parquet"]


def test_sizes_are_those_asked_for(company: duckdb.DuckDBPyConnection) -> None:
    assert one(company, "select count(*) from hubspot.contact") == CONTACTS
    assert one(company, "select count(*) from hubspot.company") == 3_000 // TENTH
    assert abs(one(company, "select count(*) from hubspot.deal") - 150) <= 10
    events = sum(
        one(company, f"select count(*) from {table}")
        for table in (
            "segment.pages",
            "segment.tracks",
            "segment.identifies",
            "hubspot.email_event",
            "hubspot.contact_form_submission",
            "hubspot.engagement",
        )
    )
    assert abs(events - EVENTS) <= 0.05 * EVENTS


def test_every_value_is_text(company: duckdb.DuckDBPyConnection) -> None:
    types = company.execute(
        "select distinct data_type from information_schema.columns "
        "where table_schema in ('hubspot', 'segment')"
    ).fetchall()
    assert types == [("VARCHAR",)]


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("hubspot.contact", "id"),
        ("hubspot.company", "id"),
        ("hubspot.deal", "deal_id"),
        ("hubspot.owner", "owner_id"),
        ("hubspot.email_event", "id"),
        ("hubspot.engagement", "id"),
        ("hubspot.engagement_call", "engagement_id"),
        ("hubspot.contact_form_submission", "conversion_id"),
        ("truth.contacts", "contact_id"),
        ("truth.companies", "company_id"),
        ("truth.deals", "deal_id"),
    ],
)
def test_ids_are_unique(company: duckdb.DuckDBPyConnection, table: str, column: str) -> None:
    assert one(company, f"select count(*) - count(distinct {column}) from {table}") == 0


@pytest.mark.parametrize(
    ("table", "column", "known"),
    [
        ("hubspot.deal_contact", "deal_id", "select deal_id from hubspot.deal"),
        ("hubspot.deal_contact", "contact_id", "select contact_id from truth.contacts"),
        ("hubspot.deal_company", "deal_id", "select deal_id from hubspot.deal"),
        ("hubspot.deal_company", "company_id", "select id from hubspot.company"),
        ("hubspot.contact", "property_associatedcompanyid", "select id from hubspot.company"),
        ("hubspot.contact", "property_hubspot_owner_id", "select owner_id from hubspot.owner"),
        (
            "hubspot.deal",
            "deal_pipeline_stage_id",
            "select stage_id from hubspot.deal_pipeline_stage",
        ),
        ("hubspot.contact_form_submission", "form_id", "select guid from hubspot.form"),
        ("hubspot.contact_list_member", "contact_list_id", "select id from hubspot.contact_list"),
        ("hubspot.contact_list_member", "contact_id", "select contact_id from truth.contacts"),
        ("hubspot.engagement_contact", "engagement_id", "select id from hubspot.engagement"),
        ("hubspot.engagement_contact", "contact_id", "select contact_id from truth.contacts"),
        ("hubspot.engagement_company", "company_id", "select id from hubspot.company"),
        ("hubspot.email_event", "sent_by_id", "select id from hubspot.email_event"),
        ("hubspot.email_event_click", "id", "select id from hubspot.email_event"),
        (
            "truth.machine_events",
            "event_id",
            "select id from hubspot.email_event union all select id from segment.pages",
        ),
    ],
)
def test_what_is_named_exists(
    company: duckdb.DuckDBPyConnection, table: str, column: str, known: str
) -> None:
    query = f"select count(*) from {table} where {column} not in ({known})"
    assert one(company, query) == 0


def test_records_of_one_person_are_planted(company: duckdb.DuckDBPyConnection) -> None:
    found = company.execute(
        "select record_kind, row_state, count(*) from truth.contacts "
        "where record_kind <> 'main' group by all order by all"
    ).fetchall()
    assert found == [
        ("email_duplicate", "alive", 50),
        ("merged_in_audit", "deleted", 15),
        ("merged_in_audit", "gone", 15),
        ("merged_in_ids_only", "alive", 10),
        ("merged_in_ids_only", "gone", 10),
    ]
    assert one(company, "select count(*) from hubspot.contact_merge_audit") == 30
    told_by_ids_only = one(
        company,
        "select count(*) from truth.contacts inner join hubspot.contact "
        "on contact.id = contacts.surviving_contact_id "
        "where record_kind = 'merged_in_ids_only' and list_contains("
        "string_split(property_hs_merged_object_ids, ';'), contacts.contact_id)",
    )
    assert told_by_ids_only == 20
    doubled = one(
        company,
        "select count(*) from (select lower(property_email) as email from hubspot.contact "
        "inner join truth.contacts on contact_id = id "
        "where record_kind in ('main', 'email_duplicate') "
        "and lower(property_email) in "
        "(select email from truth.people where not has_shared_mailbox) "
        "group by email having count(*) = 2)",
    )
    assert doubled == 50


def test_shared_mailboxes_have_three_people_each(company: duckdb.DuckDBPyConnection) -> None:
    counts = pairs(
        company,
        "select email, count(*) from truth.people where has_shared_mailbox group by email",
    )
    assert len(counts) == 10
    assert set(counts.values()) == {3}


def test_company_variants_share_what_their_evidence_says(
    company: duckdb.DuckDBPyConnection,
) -> None:
    kinds = pairs(
        company,
        "select variant_kind, count(*) from truth.companies "
        "where variant_kind <> 'main' group by all",
    )
    assert sum(kinds.values()) == 33
    assert {"half_width_kana", "full_width_letters", "branch", "form_moved", "kabu_mark"} <= {
        *kinds
    }
    unsupported = one(
        company,
        "select count(*) from truth.companies as variants "
        "inner join hubspot.company as written on written.id = variants.company_id "
        "inner join truth.companies as mains on mains.company_truth_id = "
        "variants.company_truth_id and mains.variant_kind = 'main' "
        "inner join hubspot.company as main_written on main_written.id = mains.company_id "
        "where variants.variant_kind <> 'main' and variants.is_expected_match and not coalesce("
        "written.property_corporate_number = main_written.property_corporate_number, false) "
        "and not coalesce(replace(written.property_phone, '-', '') = "
        "replace(main_written.property_phone, '-', ''), false) "
        "and (written.property_state is null or main_written.property_state is null)",
    )
    assert unsupported == 0


def test_two_companies_of_one_name_sit_in_different_prefectures(
    company: duckdb.DuckDBPyConnection,
) -> None:
    found = company.execute(
        "select count(distinct company_truth_id), count(distinct prefecture_ja) "
        "from truth.companies inner join hubspot.company on id = company_id where is_homonym "
        "group by regexp_replace(property_name, '株式会社|有限会社|合同会社', '')"
    ).fetchall()
    assert found == [(2, 2)] * len(found)
    assert len(found) == 2


def test_machines_and_odd_events_are_planted(company: duckdb.DuckDBPyConnection) -> None:
    kinds = pairs(company, "select kind, count(*) from truth.machine_events group by all")
    assert set(kinds) == {"bot", "link scanner", "privacy proxy"}
    assert min(kinds.values()) > 100
    odd = pairs(company, "select kind, count(*) from truth.odd_events group by all")
    assert set(odd) == {"doubled", "late", "wrong clock"}
    doubled = one(company, "select count(*) - count(distinct id) from segment.pages")
    assert doubled == one(
        company,
        "select count(*) from truth.odd_events where kind = 'doubled' and table_name = 'pages'",
    )
    future = one(company, "select count(*) from segment.pages where timestamp >= '2026-11-01'")
    assert future == one(
        company,
        "select count(*) from truth.odd_events where kind = 'wrong clock' and table_name = 'pages'",
    )


def test_scanners_click_within_seconds_and_people_later(
    company: duckdb.DuckDBPyConnection,
) -> None:
    company.execute(
        "create or replace temp view clicks as select clicked.id, "
        "epoch(clicked.created::timestamp) - epoch(delivered.created::timestamp) as seconds, "
        "clicked.id in (select event_id from truth.machine_events) as is_machine "
        "from hubspot.email_event as clicked inner join hubspot.email_event as delivered "
        "on delivered.sent_by_id = clicked.sent_by_id and delivered.type = 'DELIVERED' "
        "where clicked.type = 'CLICK'"
    )
    query = "select count(*) from clicks where seconds not between 1 and 8 and is_machine"
    assert one(company, query) == 0
    assert one(company, "select count(*) from clicks where seconds < 20 and not is_machine") == 0
    assert one(company, "select count(*) from clicks where is_machine") > 0


def test_visitors_become_known_and_one_device_serves_two(
    company: duckdb.DuckDBPyConnection,
) -> None:
    before = one(
        company,
        "select count(distinct anonymous_id) from segment.pages inner join truth.visitors "
        "using (anonymous_id) where timestamp::timestamp < first_identified_at",
    )
    assert before > 100
    shared = one(company, "select count(*) from truth.visitors where second_from_date is not null")
    assert shared >= 1


def test_consents_of_both_kinds_and_unsubscribed_people_who_ask(
    company: duckdb.DuckDBPyConnection,
) -> None:
    stopped = "select count(*) from hubspot.contact where property_hs_email_optout = 'true'"
    silent = "select count(*) from hubspot.contact where property_do_not_contact = 'true'"
    assert one(company, stopped) > one(company, silent) > 0
    asking = one(
        company,
        "select count(distinct person_id) from truth.people inner join truth.contacts "
        "using (person_id) inner join hubspot.contact on contact.id = surviving_contact_id "
        "inner join hubspot.contact_form_submission as sent "
        "on sent.contact_id = contacts.contact_id and sent.form_id in ('form-01', 'form-02') "
        "inner join hubspot.email_event as stopped on stopped.type = 'STATUSCHANGE' "
        "and stopped.recipient = people.email and stopped.created < sent.timestamp "
        "where asks_though_unsubscribed and property_hs_email_optout = 'true'",
    )
    assert asking == 60 // TENTH


def test_exhibitions_bring_their_cards_with_answers_days_later(
    company: duckdb.DuckDBPyConnection,
) -> None:
    found = company.execute(
        "select count(*), min(datediff('day', regexp_extract(name, '\\d{4}-\\d\\d-\\d\\d')::date, "
        "added_at::timestamp::date)) from hubspot.contact_list_member as member "
        "inner join hubspot.contact_list as list on list.id = contact_list_id "
        "where name like '展示会%' group by name"
    ).fetchall()
    assert found == [(150, 12), (150, 12)]
    answered = one(
        company,
        "select count(*) from hubspot.contact_list_member as member "
        "inner join hubspot.contact_list as list on list.id = contact_list_id "
        "where name like 'アンケート%'",
    )
    assert 150 < answered < 300


def test_deals_are_of_every_kind(company: duckdb.DuckDBPyConnection) -> None:
    pipelines = pairs(company, "select pipeline_id, count(*) from truth.deals group by all")
    assert set(pipelines) == {"default", "expansion", "partner", "renewal"}
    assert pipelines["renewal"] == 250 // TENTH
    contacts = pairs(company, "select contact_count, count(*) from truth.deals group by all")
    assert contacts["0"] >= 84 // TENTH
    assert contacts["5"] == 50 // TENTH
    shared = pairs(
        company, "select coalesce(outcome, 'open'), count(*) from truth.deals group by 1"
    )
    assert set(shared) == {"won", "lost", "open"}
    assert one(company, "select count(*) from truth.deals where is_deleted") == 15 // TENTH


def test_calls_on_companies_only_have_no_contact(company: duckdb.DuckDBPyConnection) -> None:
    alone = one(
        company,
        "select count(*) from hubspot.engagement_company where engagement_type = 'CALL' "
        "and engagement_id not in (select engagement_id from hubspot.engagement_contact)",
    )
    assert alone == 400 // TENTH


def test_a_rep_has_left_and_leads_were_returned_with_a_date(
    company: duckdb.DuckDBPyConnection,
) -> None:
    left = company.execute(
        "select owner_id from hubspot.owner where is_active = 'false'"
    ).fetchall()
    assert left == [("owner_m13",)]
    owned = "select count(*) from hubspot.contact where property_hubspot_owner_id = 'owner_m13'"
    assert one(company, owned) > 0
    returned = one(
        company,
        "select count(distinct person_id) from hubspot.contact "
        "inner join truth.contacts on contact_id = id "
        "where property_hs_lead_status = 'BAD_TIMING' and row_state = 'alive' "
        "and property_ls_recontact_date is not null",
    )
    assert returned == 180 // TENTH


def test_sales_answers_in_words_of_the_seeds_and_gives_reasons(
    company: duckdb.DuckDBPyConnection,
) -> None:
    seeds = REPOSITORY / "seeds" / "handoff"
    unknown = one(
        company,
        "select count(*) from truth.sales_answers where (name, value) not in ("
        f"select (source_field, source_value) from read_csv('{seeds}/disposition_values.csv') "
        f"union all select ('ls_return_reason', reason_id) "
        f"from read_csv('{seeds}/disposition_reasons.csv'))",
    )
    assert unknown == 0
    answers = pairs(company, "select value, count(*) from truth.sales_answers group by all")
    assert {"meeting_set", "nurture_requested", "no_lead"} <= set(answers)
    assert {"confirmed", "valid", "invalid", "too_early", "too_small"} <= set(answers)
    assert answers["valid"] > answers["invalid"] > 0
    unexplained = one(
        company,
        "select count(*) from hubspot.contact_property_history as histories "
        "inner join truth.contacts using (contact_id) "
        "where record_kind = 'main' and name = 'hs_lead_status' and value = 'UNQUALIFIED' "
        "and not exists (select 1 from hubspot.contact_property_history as reasons "
        "where reasons.contact_id = histories.contact_id and reasons.name = 'ls_return_reason' "
        "and reasons.timestamp between histories.timestamp and "
        "(histories.timestamp::timestamp + interval 1 minute)::text)",
    )
    assert unexplained == 0


def test_nobody_does_anything_on_a_holiday(company: duckdb.DuckDBPyConnection) -> None:
    holidays = REPOSITORY / "seeds" / "handoff" / "business_holidays.csv"
    for query in (
        "select timestamp from segment.tracks where id not in (select event_id from truth.odd_events)",  # noqa: E501
        "select timestamp from hubspot.contact_form_submission",
        "select property_hs_timestamp from hubspot.engagement_call",
    ):
        busy = one(
            company,
            f"select count(*) from ({query}) as happened (moment) where "
            f"(moment::timestamp + interval 9 hour)::date in "
            f"(select holiday_date from read_csv('{holidays}'))",
        )
        assert busy == 0


def test_titles_widths_and_missing_fields_are_dirty(company: duckdb.DuckDBPyConnection) -> None:
    titles = {
        row[0]
        for row in company.execute("select property_jobtitle from hubspot.contact").fetchall()
    }
    assert {"部長代理", "副部長", "社長室", "社長秘書", None} <= titles
    wide = "select count(*) from hubspot.contact where property_phone like '０%'"
    assert one(company, wide) > 0
    free = "select count(*) from hubspot.contact where property_email like '%@gmail.com'"
    assert one(company, free) > 0
    staff = "select count(*) from hubspot.contact where property_email like '%@example.co.jp'"
    assert one(company, staff) == 40 // TENTH
    relations = {
        row[0]
        for row in company.execute(
            "select property_company_relation from hubspot.company"
        ).fetchall()
    }
    assert {"prospect", "customer", "partner", "vendor"} <= relations


def test_attributes_that_leak_are_filled_for_winners_only(
    company: duckdb.DuckDBPyConnection,
) -> None:
    wrong = one(
        company,
        "select count(*) from hubspot.contact where property_onboarding_contact = 'true' "
        "and property_lifecyclestage <> 'customer'",
    )
    assert wrong == 0
    winners = "select count(*) from hubspot.contact where property_onboarding_contact = 'true'"
    assert one(company, winners) > 0


def test_too_small_a_company_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="400"):
        GENERATOR.generate(tmp_path, 10, 100)


def test_bundled_data_are_made_once_and_again_when_the_generator_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Path] = []
    monkeypatch.setattr(GENERATOR, "generate", made.append)
    monkeypatch.setattr(bundled_data, "_load", lambda _: GENERATOR)
    folder = tmp_path / "raw"
    folder.mkdir()
    said: list[str] = []
    assert bundled_data.ensure_bundled_data(folder, REPOSITORY, said.append)
    assert not bundled_data.ensure_bundled_data(folder, REPOSITORY, said.append)
    assert (made, said) == ([folder], ["Making the simulated company"])
    monkeypatch.setattr(GENERATOR, "SEED", 7)
    assert bundled_data.ensure_bundled_data(folder, REPOSITORY)
    assert len(made) == 2


def test_a_project_without_the_generator_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--raw-dir"):
        bundled_data.ensure_bundled_data(tmp_path / "raw", tmp_path)


def test_every_history_ends_with_what_the_record_holds(company: duckdb.DuckDBPyConnection) -> None:
    for record, key, name, column in [
        ("contact", "id", name, f"property_{name}")
        for name in (
            "do_not_contact",
            "hs_email_optout",
            "hs_lead_status",
            "inquiry_type",
            "lifecyclestage",
            "ls_disposition",
            "ls_fs_disposition",
            "ls_recontact_date",
            "ls_return_reason",
        )
    ] + [("deal", "deal_id", "dealstage", "deal_pipeline_stage_id")]:
        told = f"""
            select record.{column} as held, histories.value
            from hubspot.{record} as record
            inner join hubspot.{record}_property_history as histories
                on record.{key} = histories.{record}_id
            where histories.name = '{name}'
            qualify row_number() over (
                partition by record.{key} order by histories.timestamp desc, histories.value
            ) = 1
        """
        assert one(company, f"select count(*) from ({told})") > 0, name
        differs = f"select count(*) from ({told}) where held is distinct from value"
        assert one(company, differs) == 0, name


def test_stages_are_told_from_the_creation_of_the_contact_on(
    company: duckdb.DuckDBPyConnection,
) -> None:
    query = """
        select count(*) from hubspot.contact
        where not exists (
            select 1 from hubspot.contact_property_history as histories
            where histories.contact_id = contact.id and histories.name = 'lifecyclestage'
        )
    """
    assert one(company, query) == 0
