"""Whatever a CRM does on the way: one outcome a row, accepted means written, one record a key."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import pytest

from orchestration.lib.exports.destination import DestinationStopped, OutgoingRow, RowOutcome
from tests.orchestration.fake_hubspot import FakeHubSpot, error, limit_body
from tests.orchestration.fake_salesforce import FakeSalesforce
from tests.orchestration.fake_server import FakeServer, Fault, Reply
from tests.orchestration.test_hubspot import destination as hubspot_destination
from tests.orchestration.test_salesforce import destination as salesforce_destination

REPLIES = (
    None,
    Reply(200, text="<html>"),
    Reply(200, {"status": "COMPLETE", "results": []}),
    Reply(200, []),
    Reply(202, text=""),
    Reply(500, text="oops"),
    Reply(503, [{"errorCode": "SERVER_UNAVAILABLE", "message": "x"}]),
)
OF_HUBSPOT = (
    Reply(423, {"status": "error", "message": ""}),
    Reply(429, limit_body("TEN_SECONDLY_ROLLING")),
    Reply(400, error("VALIDATION_ERROR")),
    Reply(409, error("CONFLICT")),
)
OF_SALESFORCE = (
    Reply(401, [{"errorCode": "INVALID_SESSION_ID", "message": "x"}]),
    Reply(400, [{"errorCode": "JSON_PARSER_ERROR", "message": "x"}]),
)


def add_faults(fake: FakeServer, chance: random.Random, replies: Sequence[Reply | None]) -> None:
    for _ in range(chance.randint(0, 25)):
        reply = chance.choice(replies)
        is_unclear = reply is None or reply.status in (200, 202, 500)
        fake.faults.append(Fault(reply, commits=is_unclear and chance.random() < 0.5))
        if chance.random() < 0.4:
            fake.faults.append(Fault(reply, commits=is_unclear, on=chance.choice(("read", "po"))))


def send(own, rows: list[OutgoingRow]) -> list[RowOutcome]:  # type: ignore[no-untyped-def]
    """The outcomes of a run and, as long as rows are left, of later ones."""
    final: dict[str, RowOutcome] = {}
    for _ in range(30):
        due = [row for row in rows if row.key not in final]
        outcomes: list[RowOutcome] = []
        with suppress(DestinationStopped):
            outcomes.extend(own.send(due))
        counted = Counter(outcome.key for outcome in outcomes)
        assert set(counted.values()) <= {1}
        assert set(counted) <= {row.key for row in due}
        final |= {each.key: each for each in outcomes if each.status != "deferred"}
        if len(final) == len(rows):
            break
    assert len(final) == len(rows)
    return list(final.values())


@pytest.mark.parametrize("seed", range(24))
def test_hubspot_holds_each_row_once(seed: int) -> None:
    chance = random.Random(seed)
    match_key = chance.choice(["ls_lead_id", "email"])
    mode = chance.choice(["upsert", "create_only"])
    keys = [f"p{number}@a.example" for number in range(30)]
    operation = "create" if mode == "create_only" else "upsert"
    rows = [OutgoingRow(key, operation, {"ls_grade": f"G{key}"}, f"t-{key}") for key in keys]  # type: ignore[arg-type]
    with FakeHubSpot() as fake:
        fake.is_strict = False
        fake.is_multi_status = chance.random() < 0.5
        fake.tells_trace_ids = chance.random() < 0.5
        fake.poison["poison"] = "INVALID_OPTION"
        poisoned = chance.sample(range(30), 2)
        for number in poisoned:
            rows[number] = replace(rows[number], fields={"ls_grade": "poison"})
        known = chance.sample(range(30), 5) if mode == "upsert" else []
        for number in known:
            fake.add(**{match_key: keys[number], "ls_grade": "old"})
        add_faults(fake, chance, (*REPLIES, *OF_HUBSPOT))
        own = hubspot_destination(fake, match_key, mode, period=0.05)
        own.batch_size = 10
        outcomes = {outcome.key: outcome for outcome in send(own, rows)}
        held = Counter(each[match_key] for each in fake.records["contacts"].values())
        assert set(held.values()) == {1}
        for row in rows:
            records = fake.held(match_key, row.key)
            if outcomes[row.key].status == "accepted":
                assert [each["ls_grade"] for each in records] == [f"G{row.key}"]
                assert outcomes[row.key].remote_id == records[0]["hs_object_id"]
        # A fault may refuse a single row by chance; what is sound and is not refused is there.
        assert all(outcomes[keys[number]].status == "rejected" for number in poisoned)


@pytest.mark.parametrize("seed", range(24))
def test_salesforce_holds_each_row_once(seed: int) -> None:
    chance = random.Random(seed)
    mode = chance.choice(["upsert", "create_only"])
    operation = "create" if mode == "create_only" else "upsert"
    keys = [f"L-{number}" for number in range(40)]
    rows = [OutgoingRow(key, operation, {"LS_Grade__c": f"G{key}"}, f"t-{key}") for key in keys]  # type: ignore[arg-type]
    with FakeSalesforce() as fake:
        fake.poison["poison"] = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
        rows[7] = replace(rows[7], fields={"LS_Grade__c": "poison"})
        fake.locks = {chance.choice(keys): chance.randint(1, 5) for _ in range(4)}
        add_faults(fake, chance, (*REPLIES, *OF_SALESFORCE))
        own = salesforce_destination(fake, mode=mode, bulk_above=chance.choice([10, 1_000]))
        own.batch_size = 15
        outcomes = {outcome.key: outcome for outcome in send(own, rows)}
        held = Counter(each["LS_Lead_Id__c"] for each in fake.records["Lead"].values())
        assert set(held.values()) == {1}
        for row in rows:
            records = fake.held("LS_Lead_Id__c", row.key)
            if outcomes[row.key].status == "accepted":
                assert [each["LS_Grade__c"] for each in records] == [f"G{row.key}"]
                assert outcomes[row.key].remote_id == records[0]["Id"]
        assert outcomes["L-7"].status == "rejected"
