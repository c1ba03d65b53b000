"""Salesforce as a destination, against a fake with a memory: Collections, jobs and tokens."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from orchestration.lib.exports.crm.answers import Waits
from orchestration.lib.exports.crm.environment import Secret
from orchestration.lib.exports.destination import (
    DestinationStopped,
    Operation,
    OutgoingRow,
    RowOutcome,
)
from orchestration.lib.exports.salesforce import SalesforceDestination, open_salesforce
from orchestration.lib.exports.salesforce.account import SalesforceAccount
from orchestration.lib.problems import InputError
from tests.orchestration.fake_salesforce import CLIENT_ID, CLIENT_SECRET, USERNAME, FakeSalesforce
from tests.orchestration.fake_server import Fault, Reply

WAITS = Waits(
    attempts=5, first=0.004, longest=0.02, patience=0.5, locked=0.02, poll=0.01, job_patience=0.2
)
KEY = "LS_Lead_Id__c"


@pytest.fixture
def salesforce() -> Iterator[FakeSalesforce]:
    with FakeSalesforce() as fake:
        yield fake


def destination(
    fake: FakeSalesforce, match_field: str | None = KEY, mode: str = "upsert", **settings: object
) -> SalesforceDestination:
    account = SalesforceAccount(fake.url, Secret(CLIENT_ID), Secret(CLIENT_SECRET), waits=WAITS)
    own = replace(account, **settings)  # type: ignore[arg-type]
    return SalesforceDestination(own, "Lead", match_field, mode)


def rows(
    keys: Iterable[str], operation: Operation = "upsert", **fields: str | None
) -> list[OutgoingRow]:
    written = fields or {"LS_Grade__c": "A1", "LS_Fit_Score__c": "12.5"}
    return [OutgoingRow(key, operation, written, f"trace-{key}") for key in keys]


def names(count: int) -> list[str]:
    return [f"L-{number}" for number in range(count)]


def statuses(outcomes: Iterable[RowOutcome]) -> Counter[str]:
    return Counter(outcome.status for outcome in outcomes)


def sent(fake: FakeSalesforce) -> list[int]:
    """How many records each call of Collections bore."""
    collections = [each for each in fake.requests if "composite/sobjects" in each.path]
    return [len(each.body["records"]) for each in collections if each.method != "DELETE"]


# Collections


def test_up_to_two_thousand_rows_go_through_collections(salesforce: FakeSalesforce) -> None:
    outcomes = list(destination(salesforce).send(rows(names(2_000))))
    assert statuses(outcomes) == {"accepted": 2_000}
    assert sent(salesforce) == [200] * 10
    assert not salesforce.jobs
    (record,) = salesforce.held(KEY, "L-7")
    assert record["LS_Grade__c"] == "A1"
    assert {each.remote_id for each in outcomes if each.key == "L-7"} == {record["Id"]}


def test_an_empty_field_is_cleared(salesforce: FakeSalesforce) -> None:
    salesforce.add(**{KEY: "L-1", "LS_Grade__c": "A1"})
    list(destination(salesforce).send(rows(["L-1"], LS_Grade__c=None)))
    assert salesforce.held(KEY, "L-1")[0]["LS_Grade__c"] is None


def test_each_row_has_its_own_answer(salesforce: FakeSalesforce) -> None:
    salesforce.poison["bad"] = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    every = rows(names(560))
    every[333] = replace(every[333], fields={"LS_Grade__c": "bad"})
    outcomes = list(destination(salesforce).send(every))
    assert statuses(outcomes) == {"accepted": 559, "rejected": 1}
    (rejected,) = [outcome for outcome in outcomes if outcome.status == "rejected"]
    assert rejected.key == "L-333"
    assert rejected.code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert (rejected.message or "").endswith("in LS_Grade__c.")
    assert len(sent(salesforce)) == 3


def test_a_call_that_one_value_spoils_is_halved(salesforce: FakeSalesforce) -> None:
    class Strict(FakeSalesforce):
        def answer(self, request):  # type: ignore[no-untyped-def]
            if b"sobjects" in request.path.encode() and b'"spoilt"' in request.content:
                error = {"errorCode": "JSON_PARSER_ERROR", "message": "taro@hostile.example"}
                return Reply(400, [error])
            return super().answer(request)

    every = rows(names(150))
    every[70] = replace(every[70], fields={"LS_Fit_Score__c": "spoilt"})
    with Strict() as fake:
        outcomes = {outcome.key: outcome for outcome in destination(fake).send(every)}
    assert statuses(outcomes.values()) == {"accepted": 149, "rejected": 1}
    assert outcomes["L-70"].code == "JSON_PARSER_ERROR"


def test_locked_rows_are_sent_again_and_then_left(salesforce: FakeSalesforce) -> None:
    salesforce.locks = {"L-3": 1, "L-5": 99}
    outcomes = {each.key: each for each in destination(salesforce).send(rows(names(10)))}
    assert statuses(outcomes.values()) == {"accepted": 9, "deferred": 1}
    assert outcomes["L-5"].code == "UNABLE_TO_LOCK_ROW"
    assert sent(salesforce) == [10, 2, 1]


def test_a_field_that_is_missing_stops_at_once(salesforce: FakeSalesforce) -> None:
    with pytest.raises(DestinationStopped, match=r"LS_Absent__c \(INVALID_FIELD\)"):
        list(destination(salesforce, calls_in_flight=1).send(rows(names(1_000), LS_Absent__c="1")))
    assert len(sent(salesforce)) == 1


def test_an_object_that_is_missing_stops_at_once(salesforce: FakeSalesforce) -> None:
    del salesforce.records["Lead"]
    with pytest.raises(DestinationStopped, match="Lead by LS_Lead_Id__c"):
        list(destination(salesforce, calls_in_flight=1).send(rows(names(1_000))))
    assert len(sent(salesforce)) == 1


@pytest.mark.parametrize(
    "broken",
    [
        Reply(200, text="<html>"),
        Reply(200, [{"id": "1", "success": True, "errors": []}]),
        Reply(200, {"done": True}),
        Reply(200, [{"success": True}] * 30),
        Reply(200, [None] * 30),
        None,
        Reply(500, text="oops"),
    ],
)
@pytest.mark.parametrize("commits", [True, False])
def test_an_answer_without_proof_is_asked_for_again(
    salesforce: FakeSalesforce, broken: Reply | None, commits: bool
) -> None:
    salesforce.faults.append(Fault(broken, commits=commits, on="sobjects"))
    outcomes = list(destination(salesforce).send(rows(names(30))))
    assert statuses(outcomes) == {"accepted": 30}
    assert len(salesforce.records["Lead"]) == 30
    assert all(salesforce.held(KEY, each.key)[0]["Id"] == each.remote_id for each in outcomes)


def test_a_creation_whose_answer_is_lost_is_not_made_twice(salesforce: FakeSalesforce) -> None:
    salesforce.faults.append(Fault(commits=True, on="sobjects"))
    own = destination(salesforce, mode="create_only")
    assert statuses(own.send(rows(names(150), "create"))) == {"accepted": 150}
    assert salesforce.writes == 150


def test_a_record_of_others_is_not_called_created(salesforce: FakeSalesforce) -> None:
    salesforce.add(**{KEY: "L-1", "LS_Grade__c": "C3"})
    (outcome,) = destination(salesforce, mode="create_only").send(rows(["L-1"], "create"))
    assert (outcome.status, outcome.code) == ("rejected", "DUPLICATE_VALUE")


def test_update_only_creates_nobody(salesforce: FakeSalesforce) -> None:
    record = salesforce.add(**{KEY: "O'Brien\\"})
    own = destination(salesforce, mode="update_only")
    outcomes = {each.key: each for each in own.send(rows(["O'Brien\\", "L-2"], "update"))}
    assert outcomes["O'Brien\\"] == RowOutcome("O'Brien\\", "accepted", record)
    assert outcomes["L-2"].code == "NOT_FOUND"
    assert len(salesforce.records["Lead"]) == 1


def test_records_are_matched_by_their_own_id(salesforce: FakeSalesforce) -> None:
    record = salesforce.add()
    own = destination(salesforce, None, "update_only")
    outcomes = {each.key: each for each in own.send(rows([record, "00Q9"], "update"))}
    assert outcomes[record].status == "accepted"
    assert outcomes["00Q9"].code == "INVALID_CROSS_REFERENCE_KEY"


def test_two_records_of_one_address_are_told_and_not_guessed(salesforce: FakeSalesforce) -> None:
    for _ in range(2):
        salesforce.add(Email="a@a.example")
    (outcome,) = destination(salesforce, "Email").send(rows(["a@a.example"]))
    assert (outcome.status, outcome.code) == ("rejected", "MULTIPLE_CHOICES")
    (outcome,) = destination(salesforce, "Email").send(rows(["a@a.example"], "update"))
    assert (outcome.status, outcome.code) == ("rejected", "NOT_FOUND")


def test_deletion_removes_what_is_there(salesforce: FakeSalesforce) -> None:
    salesforce.add(**{KEY: "L-1"})
    own = destination(salesforce, mode="mirror")
    assert statuses(own.send(rows(["L-1", "L-2"], "delete"))) == {"accepted": 2}
    assert not salesforce.records["Lead"]


# Bulk API 2.0


def test_more_rows_go_through_a_job(salesforce: FakeSalesforce) -> None:
    salesforce.poison["bad"] = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    every = rows(names(2_500), LS_Grade__c="A1", LS_Fit_Score__c=None)
    every[5] = replace(every[5], fields={"LS_Grade__c": "bad"})
    every[6] = replace(every[6], fields={"LS_Grade__c": 'a "quoted",\nvalue 値'})
    salesforce.add(**{KEY: "L-7", "LS_Grade__c": "C3", "LS_Fit_Score__c": "1"})
    outcomes = {outcome.key: outcome for outcome in destination(salesforce).send(every)}
    assert statuses(outcomes.values()) == {"accepted": 2_499, "rejected": 1}
    assert outcomes["L-5"].code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert (outcomes["L-5"].message or "").endswith("in LS_Grade__c.")
    assert sent(salesforce) == []
    assert len(salesforce.jobs) == 1
    (record,) = salesforce.held(KEY, "L-7")
    assert record["LS_Fit_Score__c"] is None
    assert outcomes["L-7"].remote_id == record["Id"]
    assert salesforce.held(KEY, "L-6")[0]["LS_Grade__c"] == 'a "quoted",\nvalue 値'


def test_a_job_takes_no_more_rows_and_bytes_than_it_may(salesforce: FakeSalesforce) -> None:
    own = destination(salesforce, bulk_above=10, bulk_rows=100)
    assert statuses(own.send(rows(names(250)))) == {"accepted": 250}
    assert [len(job.rows) for job in salesforce.jobs.values()] == [100, 100, 50]
    salesforce.jobs.clear()
    own = destination(salesforce, bulk_above=10, bulk_bytes=1_000)
    assert statuses(own.send(rows(names(250)))) == {"accepted": 250}
    assert len(salesforce.jobs) > 2


def test_a_row_without_a_field_leaves_it_as_it_is(salesforce: FakeSalesforce) -> None:
    salesforce.add(**{KEY: "L-1", "LS_Fit_Score__c": "9"})
    every = rows(names(20))
    every[1] = replace(every[1], fields={"LS_Grade__c": "B2"})
    list(destination(salesforce, bulk_above=10).send(every))
    (record,) = salesforce.held(KEY, "L-1")
    assert (record["LS_Grade__c"], record["LS_Fit_Score__c"]) == ("B2", "9")


def test_what_a_job_leaves_is_sent_through_collections(salesforce: FakeSalesforce) -> None:
    salesforce.job_ends_after = 90
    salesforce.locks = {"L-99": 1}
    outcomes = list(destination(salesforce, bulk_above=50).send(rows(names(100))))
    assert statuses(outcomes) == {"accepted": 100}
    assert sum(sent(salesforce)) == 11
    assert len(salesforce.records["Lead"]) == 100


def test_jobs_update_by_the_ids_of_records(salesforce: FakeSalesforce) -> None:
    ids = [salesforce.add(**{KEY: key}) for key in names(60)]
    own = destination(salesforce, mode="update_only", bulk_above=50)
    outcomes = {each.key: each for each in own.send(rows([*names(60), "L-none"], "update"))}
    assert outcomes["L-none"].code == "NOT_FOUND"
    assert [outcomes[key].remote_id for key in names(60)] == ids
    assert [job.body["operation"] for job in salesforce.jobs.values()] == ["update"]


def test_a_job_that_creates_what_is_there_compares(salesforce: FakeSalesforce) -> None:
    salesforce.add(**{KEY: "L-1", "LS_Grade__c": "A1", "LS_Fit_Score__c": "12.50"})
    salesforce.add(**{KEY: "L-2", "LS_Grade__c": "C3"})
    own = destination(salesforce, mode="create_only", bulk_above=10)
    outcomes = {each.key: each for each in own.send(rows(names(20), "create"))}
    assert outcomes["L-1"].status == "accepted"
    assert outcomes["L-2"].code == "DUPLICATE_VALUE"
    assert statuses(outcomes.values()) == {"accepted": 19, "rejected": 1}


@pytest.mark.parametrize("on", ["batches", "jobs/ingest/", "successfulResults", "failedResults"])
@pytest.mark.parametrize("commits", [True, False])
def test_a_job_goes_on_after_a_lost_answer(
    salesforce: FakeSalesforce, on: str, commits: bool
) -> None:
    salesforce.faults.append(Fault(commits=commits, on=on))
    outcomes = list(destination(salesforce, bulk_above=50).send(rows(names(100))))
    assert statuses(outcomes) == {"accepted": 100}
    assert len(salesforce.records["Lead"]) == 100


def test_a_job_with_a_wrong_column_stops(salesforce: FakeSalesforce) -> None:
    own = destination(salesforce, bulk_above=50)
    with pytest.raises(DestinationStopped) as stopped:
        list(own.send(rows(names(100), LS_Wrong__c="1")))
    assert stopped.value.code == "INVALID_BATCH"


def test_a_job_that_never_ends_leaves_the_rows_due(salesforce: FakeSalesforce) -> None:
    salesforce.polls_until_done = 10**6
    with pytest.raises(DestinationStopped) as stopped:
        list(destination(salesforce, bulk_above=50).send(rows(names(100))))
    assert stopped.value.code == "JOB_UNFINISHED"
    assert stopped.value.resume_at is not None


# Tokens and limits


@cache
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def environment(fake: FakeSalesforce, **variables: str) -> dict[str, str]:
    return {
        "LEADS_SALESFORCE_URL": fake.url,
        "LEADS_SALESFORCE_CLIENT_ID": CLIENT_ID,
        **variables,
    }


def test_an_app_signs_for_its_user(salesforce: FakeSalesforce, tmp_path: Path) -> None:
    salesforce.public_key = private_key().public_key()
    pem = private_key().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file = tmp_path / "key.pem"
    file.write_bytes(pem)
    signing = environment(
        salesforce,
        LEADS_SALESFORCE_USERNAME=USERNAME,
        LEADS_SALESFORCE_PRIVATE_KEY_FILE=str(file),
    )
    own = open_salesforce("Lead", KEY, "upsert", signing)
    assert statuses(own.send(rows(["L-1"]))) == {"accepted": 1}
    salesforce.public_key = rsa.generate_private_key(65537, 2048).public_key()
    own = open_salesforce("Lead", KEY, "upsert", signing)
    with pytest.raises(DestinationStopped, match="PRIVATE_KEY_FILE") as stopped:
        list(own.send(rows(["L-1"])))
    assert stopped.value.code == "INVALID_GRANT"


def test_the_environment_opens_the_destination(salesforce: FakeSalesforce) -> None:
    variables = environment(salesforce, LEADS_SALESFORCE_CLIENT_SECRET=CLIENT_SECRET)
    own = open_salesforce("Lead", "email", "upsert", variables)
    assert own.batch_size == 200
    assert statuses(own.send(rows(["a@a.example"]))) == {"accepted": 1}
    assert salesforce.held("Email", "a@a.example")


def test_an_expired_token_is_renewed_once_for_all_threads(salesforce: FakeSalesforce) -> None:
    own = destination(salesforce)
    list(own.send(rows(["L-1"])))
    salesforce.expire_token()
    assert statuses(own.send(rows(names(800)))) == {"accepted": 800}
    assert len(salesforce.paths("oauth2")) == 2


def test_a_new_token_that_is_refused_ends_the_run(salesforce: FakeSalesforce) -> None:
    expired = Reply(401, [{"errorCode": "INVALID_SESSION_ID", "message": "x"}])
    salesforce.faults.extend(Fault(expired, on="sobjects") for _ in range(10))
    with pytest.raises(DestinationStopped) as stopped:
        list(destination(salesforce, calls_in_flight=1).send(rows(names(400))))
    assert stopped.value.code == "INVALID_SESSION_ID"
    assert len(salesforce.paths("sobjects")) == 2


def test_wrong_credentials_are_named(salesforce: FakeSalesforce) -> None:
    own = destination(salesforce, client_secret=Secret("wrong-secret"))
    with pytest.raises(DestinationStopped, match="LEADS_SALESFORCE_CLIENT_SECRET") as stopped:
        list(own.send(rows(["L-1"])))
    assert stopped.value.code == "INVALID_CLIENT"
    assert "wrong-secret" not in str(stopped.value)


def test_an_instance_without_https_gets_no_token(salesforce: FakeSalesforce) -> None:
    lured = {"access_token": "x", "instance_url": "http://evil.example"}
    salesforce.faults.append(Fault(Reply(200, lured)))
    with pytest.raises(DestinationStopped) as stopped:
        list(destination(salesforce).send(rows(["L-1"])))
    assert stopped.value.code == "UNSAFE_INSTANCE"


@pytest.mark.parametrize("bulk_above", [2_000, 100])
def test_the_limit_of_calls_ends_the_run(salesforce: FakeSalesforce, bulk_above: int) -> None:
    salesforce.calls_left = 2
    outcomes: list[RowOutcome] = []
    own = destination(salesforce, calls_in_flight=1, bulk_above=bulk_above)
    with pytest.raises(DestinationStopped) as stopped:
        outcomes.extend(own.send(rows(names(1_000))))
    assert stopped.value.code == "REQUEST_LIMIT_EXCEEDED"
    assert stopped.value.resume_at is not None
    assert stopped.value.resume_at > datetime.now(UTC)
    assert len(outcomes) == (400 if bulk_above == 2_000 else 0)


def test_a_busy_server_is_waited_for(salesforce: FakeSalesforce) -> None:
    busy = Reply(503, [{"errorCode": "SERVER_UNAVAILABLE", "message": "x"}])
    salesforce.faults.extend(Fault(busy, on="sobjects") for _ in range(3))
    assert statuses(destination(salesforce).send(rows(names(30)))) == {"accepted": 30}


def test_an_outage_ends_the_run(salesforce: FakeSalesforce) -> None:
    salesforce.faults.extend(Fault(Reply(500, text=""), on="sobjects") for _ in range(10_000))
    with pytest.raises(DestinationStopped) as stopped:
        list(destination(salesforce).send(rows(names(2_000))))
    assert stopped.value.code == "OUTAGE"
    assert len(salesforce.requests) < 200


def test_secrets_and_values_stand_nowhere(
    salesforce: FakeSalesforce, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hostile = "taro@hostile.example"
    salesforce.poison[hostile] = "INVALID_EMAIL_ADDRESS"
    salesforce.add(Email="b@hostile.example")
    own = destination(salesforce, "Email")
    outcomes = list(own.send(rows([hostile, "b@hostile.example"])))
    outcomes += own.send(rows([hostile, "b@hostile.example"], "update"))
    outcomes += destination(salesforce, "Email", bulk_above=1).send(rows([hostile, "c@d.example"]))
    salesforce.calls_left = 0
    with pytest.raises(DestinationStopped) as stopped:
        list(own.send(rows([hostile])))
    said = [f"{outcome.code} {outcome.message}" for outcome in outcomes]
    said += [str(stopped.value), repr(stopped.value.__context__), caplog.text, repr(own._account)]
    for text in said:
        assert not re.search(rf"hostile|{re.escape(CLIENT_SECRET)}|AQ\d|{CLIENT_ID}", text)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"LEADS_SALESFORCE_URL": ""}, "LEADS_SALESFORCE_URL: it is not set"),
        ({"LEADS_SALESFORCE_URL": "http://a.example"}, "https only"),
        ({"LEADS_SALESFORCE_CLIENT_ID": ""}, "CLIENT_ID: it is not set"),
        ({"LEADS_SALESFORCE_CLIENT_SECRET": ""}, "CLIENT_SECRET: it is not set"),
        ({"LEADS_SALESFORCE_API_VERSION": "64"}, "API_VERSION: this is no version"),
        ({"LEADS_SALESFORCE_USERNAME": "a@b.example"}, "PRIVATE_KEY_FILE: it is not set"),
        (
            {
                "LEADS_SALESFORCE_USERNAME": "a@b.example",
                "LEADS_SALESFORCE_PRIVATE_KEY_FILE": "none.pem",
            },
            "holds no private key",
        ),
    ],
)
def test_wrong_settings_are_named(variables: dict[str, str], said: str) -> None:
    good = {
        "LEADS_SALESFORCE_URL": "https://a.my.salesforce.com",
        "LEADS_SALESFORCE_CLIENT_ID": CLIENT_ID,
        "LEADS_SALESFORCE_CLIENT_SECRET": CLIENT_SECRET,
    }
    with pytest.raises(InputError, match=said) as wrong:
        open_salesforce("Lead", "record_id", "update_only", {**good, **variables})
    assert CLIENT_SECRET not in str(wrong.value)


@pytest.mark.parametrize(
    ("object_name", "match_key", "mode"),
    [
        ("Lead", "record_id", "create_only"),
        ("Lead;x", "email", "upsert"),
        ("Lead", "a b", "upsert"),
    ],
)
def test_keys_that_cannot_be_are_refused(object_name: str, match_key: str, mode: str) -> None:
    with pytest.raises(InputError):
        open_salesforce(object_name, match_key, mode, {})
