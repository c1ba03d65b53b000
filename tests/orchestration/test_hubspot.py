"""HubSpot as a destination, against a fake with a memory: nothing lost, nothing said unproven."""

from __future__ import annotations

import json
import logging
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from openapi_core.exceptions import OpenAPIError

from orchestration.lib.exports.crm.answers import Waits
from orchestration.lib.exports.crm.environment import Secret
from orchestration.lib.exports.destination import (
    DestinationStopped,
    Operation,
    OutgoingRow,
    RowOutcome,
)
from orchestration.lib.exports.hubspot import HubSpotDestination, open_hubspot
from orchestration.lib.exports.hubspot.account import HubSpotAccount
from orchestration.lib.problems import InputError
from tests.orchestration import fake_hubspot
from tests.orchestration.fake_hubspot import TOKEN, FakeHubSpot, limit_body
from tests.orchestration.fake_server import Fault, Reply

# A second of HubSpot is some milliseconds here.
WAITS = Waits(attempts=5, first=0.004, longest=0.02, patience=0.5, locked=0.02, second=0.03)
HOSTILE = "taro@hostile.example"


@pytest.fixture
def hubspot() -> Iterator[FakeHubSpot]:
    with FakeHubSpot() as fake:
        yield fake
    # Whatever a test looked at: no request and no answer was outside of the specification.
    assert not fake.misunderstood


def account(fake: FakeHubSpot, **settings: object) -> HubSpotAccount:
    own = HubSpotAccount(fake.url, Secret(TOKEN), calls=2000, period=1.0, waits=WAITS)
    return replace(own, **settings)  # type: ignore[arg-type]


def destination(
    fake: FakeHubSpot,
    match_key: str = "ls_lead_id",
    mode: str = "upsert",
    **settings: object,
) -> HubSpotDestination:
    return HubSpotDestination(account(fake, **settings), "contacts", match_key, mode)


def rows(
    keys: Iterable[str], operation: Operation = "upsert", **fields: str | None
) -> list[OutgoingRow]:
    written = fields or {"ls_grade": "A1", "ls_score": "12.50"}
    return [OutgoingRow(key, operation, written, f"trace-{key}") for key in keys]


def names(count: int) -> list[str]:
    return [f"L-{number}" for number in range(count)]


def statuses(outcomes: Iterable[RowOutcome]) -> Counter[str]:
    return Counter(outcome.status for outcome in outcomes)


def sent(fake: FakeHubSpot, part: str = "batch/") -> list[int]:
    """How many rows each call bore."""
    return [len(each.body["inputs"]) for each in fake.requests if part in each.path]


def test_ten_thousand_rows_go_out_at_a_hundred_a_call(hubspot: FakeHubSpot) -> None:
    outcomes = list(destination(hubspot).send(rows(names(10_000))))
    assert statuses(outcomes) == {"accepted": 10_000}
    assert len({outcome.key for outcome in outcomes}) == 10_000
    assert sent(hubspot) == [100] * 100
    assert len(hubspot.records["contacts"]) == 10_000
    assert hubspot.most_in_flight > 1


def test_an_outcome_bears_the_id_of_the_record(hubspot: FakeHubSpot) -> None:
    (outcome,) = destination(hubspot).send(rows(["L-1"]))
    (record,) = hubspot.held("ls_lead_id", "L-1")
    assert outcome == RowOutcome("L-1", "accepted", record["hs_object_id"])
    assert record["ls_grade"] == "A1"


def test_what_is_sent_again_is_written_once(hubspot: FakeHubSpot) -> None:
    own = destination(hubspot)
    for _ in range(2):
        assert statuses(own.send(rows(names(150)))) == {"accepted": 150}
    assert len(hubspot.records["contacts"]) == 150


def test_an_empty_field_is_cleared(hubspot: FakeHubSpot) -> None:
    record = hubspot.add(ls_lead_id="L-1", ls_grade="A1")
    list(destination(hubspot).send(rows(["L-1"], ls_grade=None)))
    assert hubspot.records["contacts"][record]["ls_grade"] == ""


@pytest.mark.parametrize("is_multi_status", [True, False])
def test_one_poison_row_of_560_is_rejected_alone(
    hubspot: FakeHubSpot, is_multi_status: bool
) -> None:
    hubspot.is_multi_status = is_multi_status
    hubspot.poison["bad"] = "INVALID_OPTION"
    every = rows(names(560))
    every[333] = replace(every[333], fields={"ls_grade": "bad"})
    outcomes = list(destination(hubspot).send(every))
    assert statuses(outcomes) == {"accepted": 559, "rejected": 1}
    (rejected,) = [outcome for outcome in outcomes if outcome.status == "rejected"]
    assert (rejected.key, rejected.code) == ("L-333", "INVALID_OPTION")
    assert "ls_grade" in (rejected.message or "")
    assert "hostile" not in (rejected.message or "")
    # Each half that holds the row is refused once: 100, 50, 25, 13, 7, 4, 2, 1 or so.
    assert len(sent(hubspot)) <= (6 if is_multi_status else 6 + 2 * 7)
    assert len(hubspot.records["contacts"]) == 559


def test_poison_in_every_row_stops_before_thousands_of_calls(hubspot: FakeHubSpot) -> None:
    hubspot.is_multi_status = False
    hubspot.poison["A1"] = "INVALID_OPTION"
    with pytest.raises(DestinationStopped) as stopped:
        list(destination(hubspot, calls_in_flight=2).send(rows(names(5_000))))
    assert stopped.value.code == "INVALID_OPTION"
    assert len(sent(hubspot)) < 1_000


def test_a_property_that_is_missing_stops_at_once(hubspot: FakeHubSpot) -> None:
    own = destination(hubspot, calls_in_flight=1)
    with pytest.raises(DestinationStopped, match=r"ls_absent .*--set-up hubspot"):
        list(own.send(rows(names(1_000), ls_absent="1")))
    assert len(sent(hubspot)) == 1


# What is not proven


def test_an_answer_lost_after_the_commit_is_asked_for_again(hubspot: FakeHubSpot) -> None:
    hubspot.faults.extend(Fault(commits=True) for _ in range(3))
    outcomes = list(destination(hubspot).send(rows(names(500))))
    assert statuses(outcomes) == {"accepted": 500}
    assert len(hubspot.records["contacts"]) == 500


def test_a_creation_whose_answer_is_lost_is_not_made_twice(hubspot: FakeHubSpot) -> None:
    hubspot.faults.append(Fault(commits=True, on="batch/create"))
    own = destination(hubspot, mode="create_only")
    outcomes = list(own.send(rows(names(50), "create")))
    assert statuses(outcomes) == {"accepted": 50}
    assert len(hubspot.writes) == 50
    assert [path.rpartition("/")[2] for path in hubspot.paths()] == ["create", "read"]


def test_a_creation_that_never_arrived_is_made(hubspot: FakeHubSpot) -> None:
    hubspot.faults.append(Fault(on="batch/create"))
    own = destination(hubspot, mode="create_only")
    assert statuses(own.send(rows(names(50), "create"))) == {"accepted": 50}
    assert len(hubspot.writes) == 50


def test_a_record_of_others_is_not_called_created(hubspot: FakeHubSpot) -> None:
    hubspot.add(ls_lead_id="L-1", ls_grade="C3")
    own = destination(hubspot, mode="create_only")
    (outcome,) = own.send(rows(["L-1"], "create"))
    assert (outcome.status, outcome.code) == ("rejected", "CONFLICT")
    assert hubspot.held("ls_lead_id", "L-1")[0]["ls_grade"] == "C3"


# Names a row that the server has never written.
NAMED = {"id": "1", "properties": {"ls_lead_id": "L-1"}, "objectWriteTraceId": "trace-L-1"}
BROKEN = [
    Reply(200, text="<html>ok</html>"),
    Reply(200, text='{"status": "COMPLETE", "results": [{"id": "1", "prop'),
    Reply(200, {"status": "COMPLETE"}),
    Reply(200, {"status": "COMPLETE", "results": []}),
    Reply(200, {"status": "CANCELED", "results": [NAMED, NAMED | {"id": ""}]}),
    Reply(200, {"status": "COMPLETE", "results": "none"}),
    Reply(200, {"status": "COMPLETE", "results": [{"id": "77", "properties": {}}, None, 3]}),
    Reply(207, {"status": "COMPLETE", "results": [], "errors": [{"message": "no"}]}),
    Reply(202, text=""),
    Reply(200, [1, 2]),
]


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("commits", [True, False])
def test_a_malformed_success_is_no_proof(
    hubspot: FakeHubSpot, broken: Reply, commits: bool
) -> None:
    hubspot.faults.append(Fault(broken, commits=commits))
    outcomes = list(destination(hubspot).send(rows(names(20))))
    assert statuses(outcomes) == {"accepted": 20}
    assert len(hubspot.records["contacts"]) == 20
    assert all(hubspot.held("ls_lead_id", key)[0]["ls_grade"] == "A1" for key in names(20))


def test_success_without_trace_ids_is_read_by_key(hubspot: FakeHubSpot) -> None:
    hubspot.tells_trace_ids = False
    assert statuses(destination(hubspot).send(rows(names(20)))) == {"accepted": 20}
    assert len(sent(hubspot)) == 1


def test_rows_that_the_answer_always_leaves_out_are_read_back(hubspot: FakeHubSpot) -> None:
    broken = Reply(200, {"status": "COMPLETE", "results": []})
    hubspot.faults.extend(Fault(broken, commits=True, on="upsert") for _ in range(20))
    outcomes = list(destination(hubspot).send(rows(["L-1"], ls_score="12.50")))
    assert statuses(outcomes) == {"accepted": 1}
    assert hubspot.paths("batch/read")


def test_rows_that_never_arrive_are_left_for_later(hubspot: FakeHubSpot) -> None:
    broken = Reply(200, {"status": "COMPLETE", "results": []})
    hubspot.faults.extend(Fault(broken, on="upsert") for _ in range(30))
    outcomes = list(destination(hubspot).send(rows(names(2))))
    assert statuses(outcomes) == {"deferred": 2}
    assert not hubspot.records["contacts"]


# Statuses


def test_a_locked_account_is_waited_for(hubspot: FakeHubSpot) -> None:
    hubspot.faults.extend(Fault(Reply(423, {"status": "error", "message": ""})) for _ in range(2))
    own = destination(hubspot, calls_in_flight=1, waits=replace(WAITS, locked=0.4))
    assert statuses(own.send(rows(names(2)))) == {"accepted": 2}
    moments = [request.at for request in hubspot.requests]
    assert all(later - earlier >= 0.4 for earlier, later in pairwise(moments))


def test_an_account_locked_for_long_leaves_the_rows_for_later(hubspot: FakeHubSpot) -> None:
    hubspot.faults.extend(Fault(Reply(423, {"status": "error", "message": ""})) for _ in range(5))
    outcomes = list(destination(hubspot, calls_in_flight=1).send(rows(names(150))))
    assert statuses(outcomes) == {"deferred": 100, "accepted": 50}
    assert {outcome.code for outcome in outcomes} == {"LOCKED", None}


@pytest.mark.parametrize(
    ("policy", "pauses"),
    [
        ("TEN_SECONDLY_ROLLING", [0.05, 0.1, 0.2]),
        ("SECONDLY", [WAITS.second] * 3),
        ("", [0.05, 0.1, 0.2]),
    ],
)
def test_a_full_rate_limit_pauses_every_call(
    hubspot: FakeHubSpot, policy: str, pauses: list[float]
) -> None:
    hubspot.faults.extend(Fault(Reply(429, limit_body(policy))) for _ in pauses)
    own = destination(hubspot, calls_in_flight=1, calls=400, period=0.5)
    assert statuses(own.send(rows(names(150)))) == {"accepted": 150}
    moments = [request.at for request in hubspot.requests]
    for (earlier, later), pause in zip(pairwise(moments), pauses, strict=False):
        assert later - earlier >= pause


def test_calls_stay_within_the_limit_of_the_account(hubspot: FakeHubSpot) -> None:
    hubspot.bucket = (20, 1.0)
    own = destination(hubspot, calls=20, period=1.0)
    own.batch_size = 1
    assert statuses(own.send(rows(names(50)))) == {"accepted": 50}
    assert hubspot.too_many == 0
    first, last = hubspot.requests[0].at, hubspot.requests[-1].at
    assert last - first >= 2.0


def test_destinations_of_one_token_share_its_limit(hubspot: FakeHubSpot) -> None:
    hubspot.bucket = (15, 1.0)
    for match_key in ("ls_lead_id", "email"):
        own = destination(hubspot, match_key, calls=15, period=1.0)
        own.batch_size = 2
        assert statuses(own.send(rows(f"{key}@a.example" for key in names(20)))) == {"accepted": 20}
    assert hubspot.too_many == 0


def test_a_rate_limit_that_others_use_up_stops_with_a_time(hubspot: FakeHubSpot) -> None:
    hubspot.bucket = (0, 1.0)
    own = destination(hubspot, calls=100, period=0.05)
    with pytest.raises(DestinationStopped) as stopped:
        list(own.send(rows(names(100))))
    assert stopped.value.code == "RATE_LIMIT"
    assert stopped.value.resume_at is not None


def test_the_daily_limit_ends_the_run_until_midnight_of_the_account(hubspot: FakeHubSpot) -> None:
    hubspot.daily_limit = 3
    tokyo = ZoneInfo("Asia/Tokyo")
    outcomes: list[RowOutcome] = []
    with pytest.raises(DestinationStopped) as stopped:
        outcomes.extend(destination(hubspot, timezone=tokyo).send(rows(names(1_000))))
    assert statuses(outcomes) == {"accepted": 300}
    resume_at = stopped.value.resume_at
    assert stopped.value.code == "DAILY"
    assert resume_at is not None
    assert resume_at.astimezone(tokyo).time() == datetime.min.time()
    assert timedelta() < resume_at - datetime.now(UTC) <= timedelta(days=1)
    # The next day sends what is left, and nothing else.
    hubspot.daily_limit = None
    done = {outcome.key for outcome in outcomes}
    left = [row for row in rows(names(1_000)) if row.key not in done]
    assert statuses(destination(hubspot).send(left)) == {"accepted": 700}
    assert len(hubspot.records["contacts"]) == 1_000


def test_a_migration_is_waited_for_if_it_is_short(hubspot: FakeHubSpot) -> None:
    body = {"status": "error", "message": ""}
    hubspot.faults.append(Fault(Reply(477, body, {"Retry-After": "0.1"})))
    assert statuses(destination(hubspot).send(rows(names(20)))) == {"accepted": 20}
    first, second = (request.at for request in hubspot.requests[:2])
    assert second - first >= 0.1


def test_a_migration_of_hours_ends_the_run(hubspot: FakeHubSpot) -> None:
    body = {"status": "error", "message": ""}
    hubspot.faults.append(Fault(Reply(477, body, {"Retry-After": "7200"})))
    with pytest.raises(DestinationStopped) as stopped:
        list(destination(hubspot).send(rows(names(20))))
    resume_at = stopped.value.resume_at
    assert resume_at is not None
    assert timedelta(minutes=119) < resume_at - datetime.now(UTC) <= timedelta(hours=2)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 521, 408])
def test_a_burst_of_errors_of_the_server_loses_nothing(hubspot: FakeHubSpot, status: int) -> None:
    hubspot.faults.extend(
        Fault(Reply(status, text="oops"), commits=number % 2 == 0) for number in range(12)
    )
    outcomes = list(destination(hubspot).send(rows(names(800))))
    assert statuses(outcomes) == {"accepted": 800}
    assert len(hubspot.records["contacts"]) == 800


def test_an_outage_ends_the_run(hubspot: FakeHubSpot) -> None:
    hubspot.faults.extend(Fault(Reply(503, text="")) for _ in range(10_000))
    with pytest.raises(DestinationStopped) as stopped:
        list(destination(hubspot).send(rows(names(5_000))))
    assert stopped.value.code == "OUTAGE"
    assert len(hubspot.requests) < 200


def test_a_server_that_is_not_there_ends_the_run() -> None:
    with FakeHubSpot() as fake:
        pass
    with pytest.raises(DestinationStopped) as stopped:
        list(destination(fake).send(rows(names(1_000))))
    assert stopped.value.code == "OUTAGE"
    assert TOKEN not in str(stopped.value)


def test_one_row_on_which_the_server_breaks_holds_up_nobody_else(hubspot: FakeHubSpot) -> None:
    class Breaking(FakeHubSpot):
        def answer(self, request):  # type: ignore[no-untyped-def]
            if b"L-77" in request.content and b"upsert" in request.path.encode():
                return Reply(500, text="oops")
            return super().answer(request)

    with Breaking() as fake:
        outcomes = list(destination(fake).send(rows(f"L-{number:02}" for number in range(100))))
    assert statuses(outcomes) == {"accepted": 99, "deferred": 1}
    assert not fake.misunderstood


@pytest.mark.parametrize(("status", "code"), [(401, "UNAUTHORIZED"), (403, "MISSING_SCOPES")])
def test_a_token_without_rights_stops_at_the_first_call(
    hubspot: FakeHubSpot, status: int, code: str
) -> None:
    body = fake_hubspot.error("MISSING_SCOPES")
    hubspot.faults.append(Fault(Reply(status, body)))
    own = destination(hubspot, calls_in_flight=1)
    with pytest.raises(DestinationStopped, match="LEADS_HUBSPOT_TOKEN") as stopped:
        list(own.send(rows(names(500))))
    assert stopped.value.code == code
    assert len(hubspot.requests) == 1


@pytest.mark.parametrize("status", [400, 404, 409, 413, 422])
def test_a_refused_batch_is_halved_whatever_the_status(hubspot: FakeHubSpot, status: int) -> None:
    hubspot.faults.append(Fault(Reply(status, fake_hubspot.error("VALIDATION_ERROR"))))
    assert statuses(destination(hubspot).send(rows(names(80)))) == {"accepted": 80}
    assert sent(hubspot) == [80, 40, 40]


# Ways to match


def test_people_are_matched_by_address(hubspot: FakeHubSpot) -> None:
    known = hubspot.add(email="hanako@a.example", ls_grade="C3")
    second = hubspot.add(email="jiro@a.example", hs_additional_emails="j@a.example;jj@b.example")
    keys = ["Hanako@a.example", "JJ@b.example", "new@a.example"]
    outcomes = {each.key: each for each in destination(hubspot, "email").send(rows(keys))}
    assert {each.status for each in outcomes.values()} == {"accepted"}
    assert outcomes[keys[0]].remote_id == known
    assert outcomes[keys[1]].remote_id == second
    assert len(hubspot.records["contacts"]) == 3
    assert hubspot.records["contacts"][second]["email"] == "jiro@a.example"
    assert hubspot.held("email", "new@a.example")[0]["ls_grade"] == "A1"


def test_addresses_cost_two_calls_a_batch_and_none_to_look_up_known_ones(
    hubspot: FakeHubSpot,
) -> None:
    own = destination(hubspot, "email")
    every = rows(f"p{number}@a.example" for number in range(250))
    outcomes = {outcome.key: outcome for outcome in own.send(every)}
    assert len(hubspot.requests) == 6
    hubspot.requests.clear()
    known = [replace(row, remote_id=outcomes[row.key].remote_id) for row in every]
    assert statuses(own.send(known)) == {"accepted": 250}
    assert hubspot.paths("read") == []


def test_update_only_creates_nobody(hubspot: FakeHubSpot) -> None:
    hubspot.add(email="a@a.example")
    own = destination(hubspot, "email", "update_only")
    outcomes = {each.key: each for each in own.send(rows(["a@a.example", "b@a.example"], "update"))}
    assert outcomes["a@a.example"].status == "accepted"
    assert outcomes["b@a.example"].code == "NOT_FOUND"
    assert len(hubspot.records["contacts"]) == 1


def test_an_address_created_meanwhile_is_updated(hubspot: FakeHubSpot) -> None:
    own = destination(hubspot, "email")
    empty = Reply(200, {"status": "COMPLETE", "results": []})
    hubspot.faults.append(Fault(empty, on="batch/read"))
    hubspot.add(email="a@a.example", ls_grade="C3")
    (outcome,) = own.send(rows(["a@a.example"]))
    assert outcome.status == "accepted"
    (record,) = hubspot.records["contacts"].values()
    assert record["ls_grade"] == "A1"


def test_a_remembered_record_that_is_gone_is_looked_for(hubspot: FakeHubSpot) -> None:
    survivor = hubspot.add(email="a@a.example")
    own = destination(hubspot, "email")
    stale = [replace(row, remote_id="999") for row in rows(["a@a.example", "b@a.example"])]
    outcomes = {outcome.key: outcome for outcome in own.send(stale)}
    assert outcomes["a@a.example"].remote_id == survivor
    assert outcomes["b@a.example"].status == "accepted"
    assert len(hubspot.records["contacts"]) == 2


def test_records_are_matched_by_their_own_id(hubspot: FakeHubSpot) -> None:
    record = hubspot.add(email="a@a.example")
    own = destination(hubspot, "record_id", "update_only")
    outcomes = {each.key: each for each in own.send(rows([record, "404"], "update"))}
    assert outcomes[record].status == "accepted"
    assert outcomes["404"].status == "rejected"
    assert outcomes["404"].code == "OBJECT_NOT_FOUND"
    assert hubspot.records["contacts"][record]["ls_grade"] == "A1"


def test_deletion_archives_what_is_there(hubspot: FakeHubSpot) -> None:
    hubspot.add(ls_lead_id="L-1")
    outcomes = list(destination(hubspot, mode="mirror").send(rows(["L-1", "L-2"], "delete")))
    assert statuses(outcomes) == {"accepted": 2}
    assert not hubspot.records["contacts"]


# The caller


def test_a_reader_that_stops_ends_calls_and_waits(hubspot: FakeHubSpot) -> None:
    hubspot.faults.append(Fault(Reply(423, {"status": "error", "message": ""})))
    own = destination(hubspot, calls_in_flight=2, waits=replace(WAITS, locked=60.0))
    sending = own.send(rows(names(5_000)))
    assert len(list(islice(sending, 50))) == 50
    began = time.monotonic()
    sending.close()  # type: ignore[attr-defined]
    assert time.monotonic() - began < 20
    assert len(hubspot.requests) <= 5


def test_rows_are_taken_as_calls_are_free(hubspot: FakeHubSpot) -> None:
    taken = 0

    def stream() -> Iterator[OutgoingRow]:
        nonlocal taken
        for row in rows(names(3_000)):
            taken += 1
            yield row

    sending = destination(hubspot, calls_in_flight=2).send(stream())
    next(sending)
    assert taken <= 400
    assert statuses(sending) == {"accepted": 2_999}


def test_secrets_and_values_stand_nowhere(
    hubspot: FakeHubSpot, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hubspot.is_multi_status = False
    hubspot.poison[HOSTILE] = "INVALID_EMAIL"
    every = rows(names(30)) + rows([HOSTILE], email=HOSTILE, ls_reason="秘密の理由")
    hubspot.faults.append(Fault(Reply(500, fake_hubspot.error("INTERNAL_ERROR"))))
    outcomes: list[RowOutcome] = []
    own = destination(hubspot)
    outcomes += own.send(every)
    hubspot.token = "another"  # noqa: S105 - of the fake alone
    with pytest.raises(DestinationStopped) as stopped:
        outcomes += own.send(every)
    said = [f"{outcome.code} {outcome.message}" for outcome in outcomes]
    said += [str(stopped.value), repr(stopped.value), repr(account(hubspot)), caplog.text]
    causes = [stopped.value.__cause__, stopped.value.__context__]
    said += [repr(cause) for cause in causes]
    for text in said:
        assert not re.search(rf"{TOKEN}|hostile|秘密", text)
    assert statuses(outcomes)["rejected"] == 1


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "variable LEADS_HUBSPOT_TOKEN: it is not set"),
        ({"LEADS_HUBSPOT_TOKEN": "pat\nx"}, "characters no token has"),
        ({"LEADS_HUBSPOT_URL": "http://api.example.com"}, "LEADS_HUBSPOT_URL: .*https only"),
        ({"LEADS_HUBSPOT_URL": "ftp://127.0.0.1"}, "https only"),
        ({"LEADS_HUBSPOT_URL": "https://a:b@c.example"}, "bears no user"),
        ({"LEADS_HUBSPOT_URL": "api"}, "this is no address"),
        ({"LEADS_HUBSPOT_CALLS": "many"}, "LEADS_HUBSPOT_CALLS: .*from 1 to 10000"),
        ({"LEADS_HUBSPOT_CALLS": "0"}, "from 1 to"),
        ({"LEADS_HUBSPOT_PERIOD_SECONDS": "nan"}, "PERIOD_SECONDS"),
        ({"LEADS_HUBSPOT_TIMEZONE": "Asia/Edo"}, "there is no such time zone"),
    ],
)
def test_wrong_settings_are_named(variables: dict[str, str], said: str) -> None:
    environment = {"LEADS_HUBSPOT_TOKEN": "pat-x", **variables} if variables else {}
    with pytest.raises(InputError, match=said) as wrong:
        open_hubspot("contacts", "record_id", "update_only", environment)
    assert "pat" not in str(wrong.value)


@pytest.mark.parametrize(
    ("object_name", "match_key", "mode"),
    [
        ("contacts", "record_id", "create_only"),
        ("companies", "email", "upsert"),
        ("../contacts", "email", "upsert"),
    ],
)
def test_keys_that_cannot_be_are_refused(object_name: str, match_key: str, mode: str) -> None:
    with pytest.raises(InputError):
        open_hubspot(object_name, match_key, mode, {"LEADS_HUBSPOT_TOKEN": "pat-x"})


def test_the_environment_opens_the_destination(hubspot: FakeHubSpot) -> None:
    environment = {"LEADS_HUBSPOT_TOKEN": TOKEN, "LEADS_HUBSPOT_URL": hubspot.url + "/"}
    own = open_hubspot("contacts", "email", "upsert", environment)
    assert own.batch_size == 100
    assert statuses(own.send(rows(["a@a.example"]))) == {"accepted": 1}


# The specification


def test_the_specification_refuses_what_hubspot_would_not_understand(hubspot: FakeHubSpot) -> None:
    own = destination(hubspot)
    list(own.send(rows(["L-1"])))
    (good,) = hubspot.requests
    broken = [
        {"inputs": []},
        {"inputs": [{"id": "L-1", "properties": {"ls_grade": None}}]},
        {"inputs": [{**good.body["inputs"][0], "idproperty": "x"}]},
        {"inputs": good.body["inputs"] * 101},
    ]
    specification = fake_hubspot.specification()
    specification.validate_request(fake_hubspot._as_openapi(good))
    for body in broken:
        request = replace(good, content=json.dumps(body).encode())
        with pytest.raises(OpenAPIError):
            specification.validate_request(fake_hubspot._as_openapi(request))
    without_token = replace(good, headers={"content-type": "application/json"})
    with pytest.raises(OpenAPIError):
        specification.validate_request(fake_hubspot._as_openapi(without_token))
