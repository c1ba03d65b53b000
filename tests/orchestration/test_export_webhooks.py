"""Signed webhooks: what goes over the wire, and where it may not go."""

from __future__ import annotations

import ipaddress
import json
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from standardwebhooks import Webhook

from orchestration.lib.exports.destination import DestinationStopped, OutgoingRow
from orchestration.lib.exports.sync import Sync
from orchestration.lib.exports.webhook.addresses import (
    AddressRefusedError,
    check_address,
    is_public,
)
from orchestration.lib.exports.webhook.destination import WebhookDestination, WebhookTarget
from orchestration.lib.exports.webhook.messages import MessageTemplate
from orchestration.lib.exports.webhook.opening import open_webhook
from orchestration.lib.problems import InputError
from orchestration.lib.settings import resolve_settings

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - of this test alone
FIELDS = {
    "company": "<!channel> [toall] A&B 株式会社",
    "grade": "A1",
    "urgency": "Demo request: first contact by 10:00",
    "why_now": "Asked for a demo",
    "why_them": None,
    "beware": None,
    "next_step": "Call *today*",
    "owner": "Mika Hara",
    "record_id": "100/7",
    "handoff_id": "100|stage|1",
}
LABELS = {
    name: name
    for name in (
        "urgency",
        "why_now",
        "why_them",
        "beware",
        "next_step",
        "owner",
        "nobody",
        "unknown_company",
        "open",
    )
}


class Endpoint:
    """A server that remembers requests and answers as it is told."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                endpoint.requests.append((headers, body))
                status = endpoint.answers.pop(0) if endpoint.answers else 200
                if status == 0:
                    # The message was taken, the answer is lost.
                    self.connection.close()
                    return
                self.send_response(status)
                if status == 302:
                    self.send_header("location", "http://127.0.0.1:1/")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks/T0/secret"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    server = Endpoint()
    yield server
    server.server.shutdown()
    server.server.server_close()


def destination(
    endpoint: Endpoint, template: str = "generic", **more: Any
) -> tuple[WebhookDestination, list[float]]:
    """A destination whose waits take no time, and the waits."""
    waits: list[float] = []
    given: dict[str, Any] = {
        "url": endpoint.url,
        "secret": Webhook(SECRET),
        "token": None,
        "template": MessageTemplate(template, Path(), LABELS),
        "link": "https://crm.example.com/contacts/{record_id}",
        "allows_private": True,
    }
    return WebhookDestination(WebhookTarget(**given | more), waits.append), waits


def row(key: str = "h1", fields: Mapping[str, str | None] = FIELDS) -> OutgoingRow:
    return OutgoingRow(key, "create", fields, f"trace-{key}")


def test_a_message_is_signed_and_keeps_its_id_over_attempts(endpoint: Endpoint) -> None:
    endpoint.answers = [503, 0, 200]
    webhook, waits = destination(endpoint)
    (outcome,) = webhook.send([row()])
    assert (outcome.status, waits) == ("accepted", [1.0, 4.0])
    assert len(endpoint.requests) == 3
    for headers, body in endpoint.requests:
        content = Webhook(SECRET).verify(body, headers)
        assert headers["webhook-id"] == "msg_trace-h1"
        assert content["data"]["grade"] == "A1"
        assert content["data"]["link"] == "https://crm.example.com/contacts/100%2F7"
    with pytest.raises(Exception, match="signature"):
        Webhook("whsec_b3RoZXIga2V5").verify(*reversed(endpoint.requests[0]))


@pytest.mark.parametrize(
    ("answers", "status", "code"),
    [
        ([204], "accepted", None),
        ([400], "rejected", "HTTP_400"),
        ([302], "rejected", "HTTP_302"),
        ([429] * 3, "deferred", "HTTP_429"),
        ([500] * 3, "deferred", "HTTP_500"),
        ([0] * 3, "deferred", "NO_ANSWER"),
    ],
)
def test_an_answer_decides_what_becomes_of_a_row(
    endpoint: Endpoint, answers: list[int], status: str, code: str | None
) -> None:
    endpoint.answers = list(answers)
    webhook, _ = destination(endpoint)
    (outcome,) = webhook.send([row()])
    assert (outcome.status, outcome.code) == (status, code)
    assert "secret" not in (outcome.message or "")
    assert len(endpoint.requests) == len(answers)


def test_an_endpoint_that_is_gone_or_down_ends_the_run(endpoint: Endpoint) -> None:
    endpoint.answers = [200, 410]
    webhook, _ = destination(endpoint)
    sending = webhook.send([row("h1"), row("h2"), row("h3")])
    assert next(sending).status == "accepted"
    with pytest.raises(DestinationStopped) as stopped:
        next(sending)
    assert stopped.value.code == "HTTP_410"
    endpoint.answers = [500] * 99
    webhook, _ = destination(endpoint)
    outcomes = []
    with pytest.raises(DestinationStopped, match="did not take 3 messages"):
        outcomes.extend(outcome.status for outcome in webhook.send([row(str(n)) for n in range(9)]))
    assert len(endpoint.requests) == 2 + 9


def test_rooms_get_their_own_form_and_no_mention(endpoint: Endpoint) -> None:
    for template, token in (("slack", None), ("teams", None), ("chatwork", "room-token")):
        webhook, _ = destination(endpoint, template, secret=None, token=token)
        (outcome,) = webhook.send([row()])
        assert outcome.status == "accepted"
    slack, teams, chatwork = endpoint.requests
    message = json.loads(slack[1])
    assert "<!channel>" not in message["text"]
    assert "&lt;!channel&gt; [toall] A&amp;B" in message["text"]
    assert message["blocks"][-1]["elements"][0]["url"].startswith("https://crm.example.com/")
    card = json.loads(teams[1])["attachments"][0]["content"]
    assert {fact["title"] for fact in card["body"][1]["facts"]} == {
        "urgency",
        "why_now",
        "next_step",
        "owner",
    }
    assert card["actions"][0]["type"] == "Action.OpenUrl"
    assert chatwork[0]["x-chatworktoken"] == "room-token"
    (text,) = parse_qs(chatwork[1].decode())["body"]
    assert "[toall]" not in text
    assert text.startswith("[info][title]A1")
    assert "webhook-signature" not in slack[0]


def test_a_link_with_an_unknown_value_is_left_out(endpoint: Endpoint) -> None:
    webhook, _ = destination(endpoint, "slack")
    list(webhook.send([row(fields={**FIELDS, "record_id": None, "company": None})]))
    message = json.loads(endpoint.requests[0][1])
    assert all(block["type"] != "actions" for block in message["blocks"])
    assert "unknown" in message["text"]


def test_a_template_of_a_team_is_checked(tmp_path: Path, endpoint: Endpoint) -> None:
    (tmp_path / "own.json.j2").write_text('{"g": {{ fields.grade | tojson }}}')
    (tmp_path / "bad.json.j2").write_text("{{ fields.grade }}{{ fields.nothing }}")
    (tmp_path / "broken.json.j2").write_text("{% if %}")
    template = MessageTemplate("own.json.j2", tmp_path, LABELS)
    assert template.render(FIELDS, None, "msg_1", "now").body == b'{"g":"A1"}'
    webhook, _ = destination(endpoint)
    webhook._target = WebhookTarget(
        endpoint.url, None, None, MessageTemplate("bad.json.j2", tmp_path, LABELS)
    )
    (outcome,) = webhook.send([row()])
    assert (outcome.status, outcome.code) == ("rejected", "TEMPLATE_FAILED")
    for name in ("broken.json.j2", "none.json.j2", "../../secret"):
        with pytest.raises(InputError):
            MessageTemplate(name, tmp_path, LABELS)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://example.com", "https://"),
        ("https://", "https://"),
        ("no url", "https://"),
        ("https://user:pw@127.0.0.1/", "user or password"),
        ("https://127.0.0.1/", "private"),
        ("https://localhost/", "private"),
        ("https://10.1.2.3/", "private"),
        ("https://169.254.169.254/latest/meta-data", "private"),
        ("https://[::1]/", "private"),
        ("https://[::ffff:10.0.0.1]/", "private"),
        ("https://0x7f000001/", "private"),
        ("https://2130706433/", "private"),
        ("http://8.8.8.8/", "not https"),
    ],
)
def test_addresses_that_lead_inside_or_are_not_https_are_refused(url: str, said: str) -> None:
    with pytest.raises(AddressRefusedError, match=said) as refused:
        check_address(url, allows_private=False)
    assert "127" not in str(refused.value)


def test_private_addresses_pass_where_they_are_allowed_and_http_on_this_machine_only() -> None:
    assert check_address("http://127.0.0.1:8000/x", allows_private=True).host == "127.0.0.1:8000"
    assert check_address("https://10.1.2.3/", allows_private=True).is_https
    with pytest.raises(AddressRefusedError, match="not https"):
        check_address("http://10.1.2.3/", allows_private=True)
    for text in ("224.0.0.1", "240.0.0.1", "100.64.0.1", "2002:7f00:1::", "fe80::1", "fd00::1"):
        assert not is_public(ipaddress.ip_address(text)), text
    for text in ("8.8.8.8", "2606:4700::1111"):
        assert is_public(ipaddress.ip_address(text)), text


def test_a_refused_address_ends_the_run_before_a_call(endpoint: Endpoint) -> None:
    webhook, _ = destination(endpoint, allows_private=False)
    with pytest.raises(DestinationStopped) as stopped:
        list(webhook.send([row()]))
    assert stopped.value.code == "ADDRESS_REFUSED"
    assert "secret" not in stopped.value.message
    assert endpoint.requests == []


def test_variables_of_a_webhook_are_checked(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    settings = resolve_settings({"raw_dir": str(tmp_path / "raw")}, environment={}, folder=tmp_path)
    sync = Sync.model_validate(
        {
            "name": "chat",
            "model": "sync_webhook__handoffs",
            "destination": "webhook",
            "object": "handoffs",
            "fields": ["grade"],
            "webhook": {
                "url_variable": "LEADS_WEBHOOK_URL",
                "secret_variable": "LEADS_WEBHOOK_SECRET",
            },
        }
    )
    with pytest.raises(InputError, match="variable LEADS_WEBHOOK_URL: it is missing"):
        open_webhook(sync, settings, {})
    given = {"LEADS_WEBHOOK_URL": "https://example.com/", "LEADS_WEBHOOK_SECRET": "whsec_!"}
    with pytest.raises(InputError, match="LEADS_WEBHOOK_SECRET: this is no secret") as refused:
        open_webhook(sync, settings, given)
    assert "whsec_!" not in str(refused.value)
    opened = open_webhook(sync, settings, {**given, "LEADS_WEBHOOK_SECRET": SECRET})
    assert opened._target.template.labels["owner"] == "Owner"
    opened.close()
