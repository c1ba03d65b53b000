"""The whole way from a snapshot into a CRM, over the wire."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.orchestration.export_worlds import EXPORTS, World, make_world, person
from tests.orchestration.fake_hubspot import FakeHubSpot

HUBSPOT = (
    EXPORTS.replace("lead_key", "ls_lead_id")
    .replace("status: score_status", "ls_reason: score_status")
    .replace("grade: grade", "ls_grade: grade")
    .replace("fit: {column", "ls_score: {column")
)


@pytest.fixture
def hubspot() -> Iterator[FakeHubSpot]:
    with FakeHubSpot() as server:
        yield server


def world_of(server: Any, root: Path, people: list[dict[str, Any]]) -> World:
    world = make_world(root, *people, exports=HUBSPOT)
    world.environment = {
        "LEADS_HUBSPOT_URL": server.url,
        "LEADS_HUBSPOT_TOKEN": server.token,
        "LEADS_HUBSPOT_PERIOD_SECONDS": "0.1",
    }
    return world


def grades(server: Any) -> dict[str, str]:
    """The grade of each lead; fails if two records bear one lead."""
    records = list(server.records["contacts"].values())
    found = {record["ls_lead_id"]: record["ls_grade"] for record in records}
    assert len(found) == len(records)
    return found


def sent_rows(server: Any) -> list[int]:
    """Rows of each writing call since the last look."""
    rows = [
        len(request.body["inputs"])
        for request in server.requests
        if "/batch/" in request.path and not request.path.endswith("/read")
    ]
    server.requests.clear()
    return rows


def test_ten_thousand_leads_go_out_once_at_a_hundred_a_call(hubspot: Any, tmp_path: Path) -> None:
    hubspot.is_strict = False
    people = [person(f"p{number:05}", fit=number % 90) for number in range(10_000)]
    world = world_of(hubspot, tmp_path, people)
    assert world.export().sent == {"created_count": 10_000}
    assert sent_rows(hubspot) == [100] * 100
    assert len(grades(hubspot)) == 10_000
    assert (world.export().outcome, sent_rows(hubspot)) == ("success", [])
    people[4321]["grade"] = "B2"
    world.publish(*people)
    assert world.export().sent == {"updated_count": 1}
    assert sent_rows(hubspot) == [1]
    assert grades(hubspot)["p04321"] == "B2"


def test_a_poison_row_is_told_once_and_mended_once(hubspot: Any, tmp_path: Path) -> None:
    people = [person(f"p{number:03}") for number in range(560)]
    people[77]["grade"] = "poison"
    hubspot.poison = {"poison": "INVALID_OPTION"}
    hubspot.is_multi_status = False
    world = world_of(hubspot, tmp_path, people)
    first = world.export()
    assert (first.outcome, first.sent) == ("partial", {"created_count": 559, "rejected_count": 1})
    sent_rows(hubspot)
    assert (world.export().due, sent_rows(hubspot)) == (0, [])
    people[77]["grade"] = "A1"
    world.publish(*people)
    assert (world.export().outcome, sent_rows(hubspot)) == ("success", [1])
    told = str(world.rows("from exports.export_row_events"))
    assert "hostile.example" not in told + str(first.to_json())
    assert hubspot.token not in told + str(first.to_json())


def test_what_a_daily_limit_left_goes_out_on_the_next_day(hubspot: Any, tmp_path: Path) -> None:
    people = [person(f"p{number:03}") for number in range(500)]
    world = world_of(hubspot, tmp_path, people)
    hubspot.daily_limit = 2
    stopped = world.export()
    assert (stopped.outcome, stopped.sent["created_count"]) == ("partial", 200)
    assert stopped.resume_at is not None
    hubspot.daily_limit = None
    assert world.export().sent == {"created_count": 300}
    assert grades(hubspot) == {each["lead_id"]: "A1" for each in people}


def test_an_excluded_lead_is_emptied_and_a_lost_answer_costs_nothing(
    hubspot: Any, tmp_path: Path
) -> None:
    from tests.orchestration.fake_server import Fault

    world = world_of(hubspot, tmp_path, [person("a"), person("b")])
    hubspot.faults.extend([Fault(None, commits=True)] * 2)
    assert world.export().outcome == "success"
    world.publish(person("a", grade=None), person("b"), person("c", grade=None))
    assert world.export().sent == {"cleared_count": 1}
    ((record,)) = hubspot.held("ls_lead_id", "a")
    assert (record["ls_grade"], record["ls_reason"]) == ("", "competitor")
    assert len(hubspot.records["contacts"]) == 2
