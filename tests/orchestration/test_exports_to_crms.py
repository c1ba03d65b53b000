"""Exports from a published snapshot into the fakes of both CRMs: the engine and the clients."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestration.lib.exports.destination import Destination
from tests.orchestration import export_worlds as worlds
from tests.orchestration.fake_hubspot import FakeHubSpot, text_property
from tests.orchestration.fake_salesforce import FakeSalesforce
from tests.orchestration.fake_server import Fault, Reply
from tests.orchestration.test_hubspot import HubSpotDestination, account, sent
from tests.orchestration.test_salesforce import destination as salesforce_destination

SALESFORCE = """\
syncs:
  people:
    model: sync_test__people
    destination: salesforce
    object: Lead
    match_key: custom_id
    custom_id_field: LS_Lead_Id__c
    fields:
      LS_Grade__c: grade
      LS_Fit_Score__c: {column: fit_score, round: 0, min_change: 2}
"""


@pytest.fixture
def hubspot() -> Iterator[FakeHubSpot]:
    with FakeHubSpot() as fake:
        for name in ("lead_key", "status", "grade", "fit"):
            own = text_property(name, hasUniqueValue=name == "lead_key")
            fake.properties["contacts"][name] = own
        yield fake
    assert not fake.misunderstood


def people(count: int) -> list[dict[str, Any]]:
    return [worlds.person(f"p{number:05}", fit=number % 90) for number in range(count)]


def hubspot_world(fake: FakeHubSpot, tmp_path: Path, *rows: dict[str, Any]) -> Any:
    """A world whose exports go to the fake."""
    world = worlds.make_world(tmp_path, *rows)

    def open_own(sync: Any, settings: Any, environment: Any) -> Destination:
        assert (sync.destination, sync.matched_by) == ("hubspot", "lead_key")
        own = account(fake, calls_in_flight=4)
        return HubSpotDestination(own, sync.object_name, sync.matched_by, sync.mode)

    world._open = open_own
    return world


def test_ten_thousand_changed_leads_are_a_hundred_calls_once(
    hubspot: FakeHubSpot, tmp_path: Path
) -> None:
    everybody = people(10_000)
    world = hubspot_world(hubspot, tmp_path, *everybody)
    assert world.export().outcome == "success"
    assert sent(hubspot) == [100] * 100
    assert len(hubspot.records["contacts"]) == 10_000
    hubspot.requests.clear()
    assert (world.export().due, sent(hubspot)) == (0, [])
    everybody[77]["fit_score"] = 95
    world.publish(*everybody)
    assert world.export().outcome == "success"
    assert sent(hubspot) == [1]
    assert hubspot.held("lead_key", "p00077")[0]["fit"] == "95"


@pytest.mark.parametrize("is_multi_status", [True, False])
def test_one_poison_row_of_560_is_sent_again_only_when_it_is_mended(
    hubspot: FakeHubSpot, tmp_path: Path, is_multi_status: bool
) -> None:
    hubspot.is_multi_status = is_multi_status
    hubspot.poison["p00333"] = "INVALID_OPTION"
    everybody = people(560)
    world = hubspot_world(hubspot, tmp_path, *everybody)
    first = world.export()
    assert (first.outcome, first.errors) == ("partial", {"INVALID_OPTION": 1})
    assert len(hubspot.records["contacts"]) == 559
    hubspot.requests.clear()
    assert (world.export().due, sent(hubspot)) == (0, [])
    hubspot.poison.clear()
    everybody[333]["grade"] = "B1"
    world.publish(*everybody)
    assert world.export().outcome == "success"
    assert sent(hubspot) == [1]
    assert world.export().backlog == 0
    told = str(world.rows("from exports.export_row_events")) + str(first.to_json())
    assert "hostile.example" not in told
    assert hubspot.token not in told


def test_what_goes_wrong_on_the_way_loses_and_doubles_nothing(
    hubspot: FakeHubSpot, tmp_path: Path
) -> None:
    hubspot.faults.extend(
        [
            Fault(commits=True),
            Fault(Reply(200, text="<html>"), commits=True),
            Fault(Reply(500, text="")),
            Fault(Reply(423, {"status": "error", "message": ""})),
            Fault(Reply(200, {"status": "COMPLETE", "results": []})),
        ]
    )
    world = hubspot_world(hubspot, tmp_path, *people(950))
    assert world.export().outcome == "success"
    assert len(hubspot.records["contacts"]) == 950
    assert {each["status"] for each in hubspot.records["contacts"].values()} == {"scored"}
    hubspot.requests.clear()
    assert (world.export().due, sent(hubspot)) == (0, [])


def test_an_excluded_lead_is_emptied_and_a_lost_answer_costs_nothing(
    hubspot: FakeHubSpot, tmp_path: Path
) -> None:
    world = hubspot_world(hubspot, tmp_path, worlds.person("a"), worlds.person("b"))
    hubspot.faults.extend([Fault(None, commits=True)] * 2)
    assert world.export().outcome == "success"
    world.publish(
        worlds.person("a", grade=None), worlds.person("b"), worlds.person("c", grade=None)
    )
    assert world.export().sent == {"cleared_count": 1}
    (record,) = hubspot.held("lead_key", "a")
    assert (record["grade"], record["status"]) == ("", "competitor")
    assert len(hubspot.records["contacts"]) == 2


def test_a_daily_limit_ends_the_run_as_partial_and_the_next_day_goes_on(
    hubspot: FakeHubSpot, tmp_path: Path
) -> None:
    hubspot.daily_limit = 3
    world = hubspot_world(hubspot, tmp_path, *people(1_000))
    first = world.export()
    assert (first.outcome, len(hubspot.records["contacts"])) == ("partial", 300)
    hubspot.daily_limit = None
    hubspot.requests.clear()
    again = world.export(retry_rejected=False)
    assert (again.outcome, sum(sent(hubspot))) == ("success", 700)
    assert len(hubspot.records["contacts"]) == 1_000


@pytest.mark.parametrize(("count", "jobs"), [(300, 0), (2_100, 1)])
def test_salesforce_gets_what_changed_by_calls_or_by_a_job(
    tmp_path: Path, count: int, jobs: int
) -> None:
    everybody = people(count)
    with FakeSalesforce() as fake:
        world = worlds.make_world(tmp_path, *everybody, exports=SALESFORCE)
        world._open = lambda sync, settings, environment: salesforce_destination(
            fake, sync.matched_by, sync.mode
        )
        assert world.export().outcome == "success"
        assert (len(fake.records["Lead"]), len(fake.jobs)) == (count, jobs)
        assert world.export().due == 0
        everybody[7]["grade"] = None
        everybody[7]["is_clearing"] = True
        everybody[7]["fit_score"] = None
        world.publish(*everybody)
        assert world.export().sent == {"cleared_count": 1}
        (record,) = fake.held("LS_Lead_Id__c", "p00007")
        assert record["LS_Grade__c"] is None
