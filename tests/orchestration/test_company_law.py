"""Company law: spellings of a name with one prefecture are one company, a name alone never is."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date
from itertools import combinations

import pytest

from tests.orchestration.building import Published
from tests.orchestration.planted_companies import FREE_MAIL, Planted, half_width, plant

pytestmark = pytest.mark.law

AS_OF = date(2026, 10, 30)


@pytest.fixture(scope="module")
def planted() -> Planted:
    return plant(seed=20261030)


@pytest.fixture(scope="module")
def published(
    planted: Planted,
    build: Callable[..., Published],
    tmp_path_factory: pytest.TempPathFactory,
) -> Published:
    folder = tmp_path_factory.mktemp("companies")
    planted.write(folder / "raw")
    return build(folder / "raw", folder / "work", AS_OF)


@pytest.fixture(scope="module")
def found(published: Published) -> dict[str, str | None]:
    return dict(published.rows("select lead_id, company_id from dim_leads"))


def pairs(groups: dict[str, object]) -> set[tuple[str, str]]:
    """The pairs of leads that are of one company."""
    members = defaultdict(list)
    for lead_id, company in sorted(groups.items()):
        if company is not None:
            members[company].append(lead_id)
    return {pair for leads in members.values() for pair in combinations(leads, 2)}


def test_half_width_kana_are_written_as_old_systems_do() -> None:
    assert half_width("ガーデンプラス") == "ｶﾞｰﾃﾞﾝﾌﾟﾗｽ"


def test_nobody_is_joined_who_does_not_belong_together(
    planted: Planted, found: dict[str, str | None]
) -> None:
    true_pairs = pairs({**planted.truth})
    found_pairs = pairs({**found})
    wrong = found_pairs - true_pairs
    rows = {row["lead_id"]: row for row in planted.leads}
    assert not wrong, [(rows[left], rows[right]) for left, right in sorted(wrong)[:5]]


def test_nearly_everybody_who_belongs_together_is_joined(
    planted: Planted, found: dict[str, str | None]
) -> None:
    true_pairs = pairs({**planted.truth})
    missing = true_pairs - pairs({**found})
    rows = {row["lead_id"]: row for row in planted.leads}
    assert len(true_pairs) > 1500
    assert len(missing) <= 0.05 * len(true_pairs), [
        (rows[left], rows[right]) for left, right in sorted(missing)[:5]
    ]


def test_a_lead_known_by_name_or_free_address_alone_has_no_company(
    planted: Planted, found: dict[str, str | None]
) -> None:
    nobodys = [lead_id for lead_id, company in planted.truth.items() if company is None]
    assert len(nobodys) > 100
    # Nameless records at one shared mailbox are one person, so that not every id is a lead's.
    assert [lead_id for lead_id in nobodys if found.get(lead_id) is not None] == []


def test_no_company_has_the_domain_of_a_provider(published: Published) -> None:
    domains = {domain for (domain,) in published.rows("select domain from dim_companies")}
    assert not domains & set(FREE_MAIL)


def test_every_lead_of_a_company_is_counted_once(
    published: Published, found: dict[str, str | None]
) -> None:
    counted = dict(published.rows("select company_id, lead_count from dim_companies"))
    leads = Counter(company for company in found.values() if company is not None)
    assert {company: count for company, count in counted.items() if count} == leads


def test_the_records_of_a_company_hang_together_by_evidence(published: Published) -> None:
    rows = published.rows("""
        select left_record_id, right_record_id, left_company_id, right_company_id, verdict,
            match_kind, label_en, label_ja
        from rpt_company_matches
    """)
    parents: dict[str, str] = {}

    def root(record: str) -> str:
        parents.setdefault(record, record)
        return record if parents[record] == record else root(parents[record])

    records = defaultdict(set)
    for left, right, left_company, right_company, verdict, kind, label_en, label_ja in rows:
        assert all((kind, label_en, label_ja))
        assert (left_company is not None and left_company == right_company) == (verdict == "joined")
        for record, company in ((left, left_company), (right, right_company)):
            if company is not None:
                records[company].add(record)
        if verdict == "joined":
            parents[root(right)] = root(left)
    assert len(rows) > 100
    joined = {company: members for company, members in records.items() if len(members) > 1}
    assert len(joined) > 20
    assert all(len({root(record) for record in members}) == 1 for members in joined.values())


def test_companies_of_one_name_in_two_prefectures_are_listed_as_doubtful(
    published: Published,
) -> None:
    kinds = dict(
        published.rows("""
            select match_kind, count(*) from rpt_company_matches
            where verdict = 'doubtful' group by match_kind
        """)
    )
    assert kinds["name_in_other_prefecture"] > 5
    assert kinds["name_alone"] > 5
