from __future__ import annotations

import json
import logging
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.lib.alerts.changes import find_news
from orchestration.lib.alerts.channels import ChannelFailed, read_channels
from orchestration.lib.alerts.mail import mail_channel
from orchestration.lib.alerts.messages import Message, compose
from orchestration.lib.alerts.observations import (
    OF_KIND,
    Observation,
    seen_in_failure,
    seen_in_success,
    trouble,
)
from orchestration.lib.alerts.telling import tell
from orchestration.lib.alerts.told import ToldChannel
from orchestration.lib.alerts.webhook import Webhook, slack_text, webhook_channel
from orchestration.lib.builds import guarded_build as guarding
from orchestration.lib.builds.guarded_build import guarded, guarded_build
from orchestration.lib.failures import RunFailed
from orchestration.lib.problems import InputError, Problem
from orchestration.lib.publishing.lock import build_lock
from orchestration.lib.quality.findings import QualityFailed, QualityFinding
from orchestration.lib.settings import Settings
from tests.orchestration.alert_servers import HookServer, hook_server, mail_server
from tests.orchestration.building import REPOSITORY, read_rows
from tests.orchestration.hand_made_build import hand_made_settings, publish_hand_made

NOW = datetime(2026, 7, 1, 1, 0, tzinfo=UTC)
MESSAGE = Message("Leads: build failed", ("- The model a failed.", "As of 2026-06-30"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    # Texts for people come from the seeds as they ship.
    return replace(hand_made_settings(tmp_path), project_root=REPOSITORY)


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[HookServer]:
    with hook_server() as server:
        monkeypatch.setenv("LEADS_ALERT_WEBHOOK_URL", server.url)
        yield server


def finding(check_id: str = "rows", **other: Any) -> QualityFinding:
    given: dict[str, Any] = {
        "check_id": check_id,
        "place": "gate",
        "subject": "dim_leads",
        "severity": "error",
        "is_ok": False,
        "value": 50.0,
        "limit": 100.0,
        "sentence": f"{check_id}: 50 instead of 100.",
    }
    return QualityFinding(**(given | other))


def no_line(line: str) -> None:
    raise AssertionError(line)


def run(settings: Settings, result: Exception | tuple[QualityFinding, ...], **say: Any) -> None:
    """A build that ends so."""
    with guarded(settings, say.get("say", no_line)) as guard:
        if isinstance(result, Exception):
            raise result
        guard.findings = result


def fail(settings: Settings, result: Exception, **say: Any) -> None:
    with pytest.raises((RunFailed, InputError)):
        run(settings, result, **say)


# When something is told


def test_a_failing_build_is_told_once_and_its_recovery_too(
    settings: Settings, hook: HookServer
) -> None:
    run(settings, ())
    assert hook.texts == []
    for count in (3, 4, 5):
        fail(settings, RunFailed((f"The test a failed ({count} rows).", "Nothing was published.")))
    assert len(hook.texts) == 1
    assert "*Leads: build failed*\n- The test a failed (3 rows).\n" in hook.texts[0]
    assert "As of 2026-06-30, sources file" in hook.texts[0]
    assert str(settings.workdir.root) in hook.texts[0]
    assert "Nothing is served yet" in hook.texts[0]
    run(settings, ())
    run(settings, ())
    assert len(hook.texts) == 2
    assert "*Leads: recovered after 0 min (build failed)*" in hook.texts[1]


def test_a_further_cause_is_told_and_a_known_one_is_not(
    settings: Settings, hook: HookServer
) -> None:
    one, other = RunFailed(("The model a failed.", "…")), RunFailed(("The model b failed.", "…"))
    for error in (one, other, one, other):
        fail(settings, error)
    assert [text.split("\n")[0] for text in hook.texts] == [
        "*Leads: build failed*",
        "*Leads: build failed, now for a further reason*",
    ]


def test_wrong_input_is_the_same_trouble_whatever_the_row(
    settings: Settings, hook: HookServer
) -> None:
    for row in (3, 9):
        problem = Problem("this is no number.", "Correct it.", "a.csv", row, "points")
        fail(settings, InputError(problem))
    assert len(hook.texts) == 1
    assert "- a.csv, row 3, column points: this is no number. Correct it." in hook.texts[0]


def test_many_problems_are_cut_short(settings: Settings, hook: HookServer) -> None:
    fail(settings, InputError(Problem(f"field {name}", "", "a.csv") for name in "abcdefgh"))
    assert hook.texts[0].count("\n- ") == 5
    assert "- … and 4 more." in hook.texts[0]


def test_a_held_gate_tells_the_three_worst_numbers(settings: Settings, hook: HookServer) -> None:
    findings = [
        finding("little", value=90.0),
        finding("warned", severity="warning", value=9000.0),
        finding("most", value=500.0),
        finding("much", value=300.0),
        finding("fine", is_ok=True, value=9999.0),
        finding("half", value=50.0),
        finding("unmeasured", value=None),
    ]
    fail(settings, QualityFailed(findings, ["The gate does not open."]))
    lines = [line for line in hook.texts[0].split("\n") if line.startswith("- ")]
    assert lines == [f"- {name}: 50 instead of 100." for name in ("most", "much", "half")]
    assert hook.texts[0].startswith("*Leads: checks hold publishing*")
    # The same checks on other subjects are the same trouble.
    others = [replace(item, subject="fct_lead_scores", value=1.0) for item in findings]
    fail(settings, QualityFailed(others, ["The gate does not open."]))
    assert len(hook.texts) == 1


def test_a_build_that_comes_to_the_gate_has_recovered_as_a_build(
    settings: Settings, hook: HookServer
) -> None:
    fail(settings, RunFailed(("The model a failed.", "…")))
    fail(settings, QualityFailed([finding()], ["…"]))
    title = "*Leads: checks hold publishing / Leads: recovered after 0 min (build failed)*"
    assert hook.texts[1].startswith(title)
    run(settings, ())
    assert hook.texts[2].startswith("*Leads: recovered after 0 min (checks hold publishing)*")


def test_raw_checks_leave_open_how_the_build_would_have_ended(
    settings: Settings, hook: HookServer
) -> None:
    fail(settings, RunFailed(("The model a failed.", "…")))
    fail(settings, QualityFailed([finding("volume", place="raw")], ["…"]))
    assert "recovered" not in hook.texts[1]


def test_stale_data_and_a_changed_form_are_states_of_their_own(
    settings: Settings, hook: HookServer
) -> None:
    stale = finding(
        "raw_missed_business_days", place="raw", severity="warning", sentence="3 days old."
    )
    run(settings, (stale,))
    run(settings, (replace(stale, value=51.0),))
    assert [text.split("\n")[:2] for text in hook.texts] == [
        ["*Leads: data are stale*", "- 3 days old."]
    ]
    gone = finding("raw_vanished_columns", place="raw", sentence="Column a of leads is gone.")
    fail(settings, QualityFailed([replace(stale, is_ok=True), gone], ["…"]))
    assert hook.texts[1].startswith("*Leads: the form of the data changed / Leads: recovered after")
    run(settings, (replace(stale, is_ok=True), replace(gone, is_ok=True)))
    assert "(the form of the data changed)" in hook.texts[2]


def test_a_notice_is_told_once_and_nobody_hears_of_its_end(
    settings: Settings, hook: HookServer
) -> None:
    new = finding(
        "raw_vanished_columns", place="raw", severity="notice", sentence="Column b is new."
    )
    run(settings, (new,))
    run(settings, (new,))
    run(settings, (replace(new, is_ok=True),))
    assert len(hook.texts) == 1
    run(settings, (new,))
    assert len(hook.texts) == 2


def test_what_was_not_looked_at_stays_as_it_was() -> None:
    stale = Observation("data_stale", ("3 days old.",), frozenset("a"))
    _, known = find_news(ToldChannel(), [stale], NOW)
    for seen in (seen_in_success(()), seen_in_failure(RunFailed("x"))):
        _, known = find_news(known, seen, NOW + timedelta(hours=1))
        assert "data_stale" in known.troubles


def test_a_run_that_ended_before_the_newest_is_no_news() -> None:
    _, known = find_news(ToldChannel(), [trouble("build", ["x"])], NOW)
    assert find_news(known, [Observation("build")], NOW - timedelta(seconds=1)) == ([], known)
    news, _ = find_news(known, [Observation("build")], NOW + timedelta(hours=50))
    assert news[0].lasted == timedelta(hours=50)


def test_exports_have_a_state_each() -> None:
    seen = [trouble("export", ["x"], subject="hubspot"), Observation("export", subject="other")]
    news, known = find_news(ToldChannel(), seen, NOW)
    assert [item.observation.subject for item in news] == ["hubspot"]
    assert list(known.troubles) == ["export:hubspot"]


def test_another_build_at_work_and_an_interrupt_by_hand_are_no_news(
    settings: Settings, hook: HookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with build_lock(settings.workdir.lock), pytest.raises(RunFailed, match="Another build runs"):
        guarded_build(settings, say=no_line)
    monkeypatch.setattr("sys.stdin", Terminal())
    with pytest.raises(KeyboardInterrupt), guarded(settings, no_line):
        raise KeyboardInterrupt
    assert hook.texts == []


class Terminal:
    def isatty(self) -> bool:
        return True


def test_a_scheduler_that_ends_a_build_is_told(settings: Settings, hook: HookServer) -> None:
    with pytest.raises(SystemExit), guarded(settings, no_line):
        raise SystemExit(143)
    assert "- The build was ended from outside before it was done." in hook.texts[0]


def test_a_build_that_was_killed_is_told_by_the_next_one(
    settings: Settings, hook: HookServer
) -> None:
    settings.workdir.lock.parent.mkdir(parents=True)
    holder = {
        "process": 4711,
        "started": "2026-07-01 00:00:00 UTC",
        "user": "builder",
        "host": "elsewhere",
        "command": "leads build",
    }
    settings.workdir.lock.write_text(json.dumps(holder))
    run(settings, ())
    assert len(hook.texts) == 2
    assert "was killed, or its machine stopped (process 4711" in hook.texts[0]
    assert "recovered" in hook.texts[1]


# How it is said


def test_messages_are_in_the_language_of_the_settings(settings: Settings, hook: HookServer) -> None:
    japanese = replace(settings, language="ja")
    publish_hand_made(japanese)
    fail(japanese, RunFailed(("The model a failed.", "…")))
    run(japanese, ())
    assert hook.texts[0].startswith("*リード: ビルド失敗*")
    assert "公開中: 2026" in hook.texts[0]
    assert hook.texts[1].startswith("*リード: 0分で復旧(ビルド失敗)*")


@pytest.mark.parametrize(
    ("lasted", "said"),
    [
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=3, minutes=5), "3 h 5 min"),
        (timedelta(days=3), "3 days"),
    ],
)
def test_durations(settings: Settings, lasted: timedelta, said: str) -> None:
    _, known = find_news(ToldChannel(), [trouble("build", ["x"])], NOW)
    news, _ = find_news(known, [Observation("build")], NOW + lasted)
    assert f"after {said} (" in compose(settings, news).title


def test_a_message_holds_no_address_and_no_command_to_slack(
    settings: Settings, hook: HookServer
) -> None:
    fail(settings, RunFailed(("<!channel> a&b of taro@example.jp is <b>\nwrong" + "x" * 900, "")))
    (line,) = [line for line in hook.texts[0].split("\n") if line.startswith("- ")]
    assert line.startswith("- &lt;!channel&gt; a&amp;b of … is &lt;b&gt; wrong")
    assert len(line) < 450
    assert slack_text(Message("a*b", ())) == "*ab*"


def test_an_error_that_nobody_foresaw_comes_out_without_its_values(
    settings: Settings, hook: HookServer
) -> None:
    def cast() -> None:
        with duckdb.connect() as connection:
            connection.execute("select cast('taro@example.jp, 03-1234-5678' as integer)")

    with pytest.raises(RunFailed) as raised, guarded(settings, no_line):
        cast()
    assert raised.value.__suppress_context__
    assert raised.value.__cause__ is None
    for text in (str(raised.value), hook.bodies[0], settings_files(settings)):
        assert "taro" not in text
        assert "1234" not in text
    assert "ConversionException" in hook.texts[0]


def settings_files(settings: Settings) -> str:
    files = [file for file in settings.workdir.root.rglob("*") if file.suffix == ".json"]
    assert files
    return "".join(file.read_text() for file in files)


def test_a_foreseen_error_brings_no_other_one_with_it(settings: Settings) -> None:
    def read() -> None:
        try:
            raise ValueError("taro@example.jp")
        except ValueError as error:
            raise RunFailed("It cannot be read.") from error

    with pytest.raises(RunFailed) as raised, guarded(settings, no_line):
        read()
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


def test_debugging_shows_the_error_itself(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEADS_DEBUG", "1")
    with pytest.raises(ZeroDivisionError), guarded(settings, no_line):
        _ = 1 / 0


def test_findings_of_a_published_build_are_told(
    settings: Settings, hook: HookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Result:
        quality = (finding("raw_missed_business_days", severity="warning", sentence="3 days old."),)

    monkeypatch.setattr(guarding, "build", lambda *_: Result())
    guarded_build(settings, say=no_line)
    assert "3 days old." in hook.texts[0]


# Channels


def test_without_channels_nothing_is_kept(settings: Settings) -> None:
    fail(settings, RunFailed("x"))
    assert not (settings.workdir.warehouse / "alerts.json").exists()


def test_a_channel_that_fails_never_fails_the_build_and_hears_it_later(
    settings: Settings, hook: HookServer
) -> None:
    hook.answers = [(403, {})]
    said: list[str] = []
    fail(settings, RunFailed("The model a failed."), say=said.append)
    assert said == [
        "No alert was sent: the webhook at 127.0.0.1 answered 403."
        " It is tried again with the next build."
    ]
    hook.answers = [(200, {})]
    fail(settings, RunFailed("The model a failed."))
    assert len(hook.texts) == 2
    assert "build failed*" in hook.texts[1]


def test_each_channel_knows_for_itself(
    settings: Settings, hook: HookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server(["554 no"]) as mailbox:
        for name, value in mail_variables(mailbox.port).items():
            monkeypatch.setenv(name, value)
        said: list[str] = []
        fail(settings, RunFailed("The model a failed."), say=said.append)
        assert said[0].startswith("No alert was sent: the mail server 127.0.0.1 answered 554.")
        mailbox.answers = ["250 OK"]
        fail(settings, RunFailed("The model a failed."))
    assert (len(hook.texts), len(mailbox.letters)) == (1, 2)


def test_a_damaged_memory_counts_as_none(settings: Settings, hook: HookServer) -> None:
    fail(settings, RunFailed("x"))
    (settings.workdir.warehouse / "alerts.json").write_text('{"channels": {"webhook": 1}}')
    fail(settings, RunFailed("x"))
    assert len(hook.texts) == 2
    assert [file.name for file in settings.workdir.warehouse.glob("*.tmp")] == []


def test_an_alert_that_breaks_is_one_line(
    settings: Settings, hook: HookServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("taro@example.jp")

    monkeypatch.setattr("orchestration.lib.alerts.telling.compose", broken)
    said: list[str] = []
    fail(settings, RunFailed("x"), say=said.append)
    assert said == ["No alert was sent: unexpected KeyError."]


def test_a_busy_webhook_is_asked_again() -> None:
    pauses: list[float] = []
    with hook_server(503, 429, 200, headers={"Retry-After": "7"}) as server:
        channel = webhook_channel({"LEADS_ALERT_WEBHOOK_URL": server.url})
        assert channel is not None
        replace(channel, sleep=pauses.append).send(MESSAGE)
    assert len(server.bodies) == 3
    assert pauses == [7.0, 7.0]


def test_a_webhook_that_stays_busy_or_away_is_given_up() -> None:
    with hook_server(500) as server:
        with pytest.raises(ChannelFailed, match=r"127\.0\.0\.1 answered 500$"):
            quick(server.url).send(MESSAGE)
        assert len(server.bodies) == 3
    with pytest.raises(ChannelFailed, match="cannot be reached") as raised:
        quick(server.url).send(MESSAGE)
    assert "secret-token" not in str(raised.value)


def test_a_redirect_is_not_followed() -> None:
    with hook_server() as other, hook_server(307, headers={"Location": other.url}) as server:
        with pytest.raises(ChannelFailed, match="answered 307"):
            quick(server.url).send(MESSAGE)
        assert other.bodies == []


def test_no_log_holds_the_address_of_a_webhook(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), hook_server() as server:
        quick(server.url).send(MESSAGE)
    assert "secret-token" not in caplog.text


def quick(url: str) -> Webhook:
    channel = webhook_channel({"LEADS_ALERT_WEBHOOK_URL": url})
    assert channel is not None
    return replace(channel, sleep=lambda _: None)


def mail_variables(port: int, **other: str) -> dict[str, str]:
    given = {
        "EMAIL_TO": "a@example.jp, b@example.jp",
        "EMAIL_FROM": "leads@example.jp",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(port),
        "SMTP_SECURITY": "none",
    } | other
    return {f"LEADS_ALERT_{name}": value for name, value in given.items()}


def send_mail(values: Mapping[str, str], message: Message = MESSAGE) -> None:
    channel = mail_channel(values)
    assert channel is not None
    replace(channel, sleep=lambda _: None).send(message)


def test_a_letter(settings: Settings) -> None:
    with mail_server(["451 later", "250 OK"]) as mailbox:
        send_mail(mail_variables(mailbox.port), Message("リード: ビルド失敗", ("公開中",)))
    first, second = mailbox.letters
    assert first["Message-ID"] == second["Message-ID"]
    assert second["Subject"] == "リード: ビルド失敗"
    assert second["To"] == "a@example.jp, b@example.jp"
    assert second.get_content().split() == ["公開中"]
    assert second["Auto-Submitted"] == "auto-generated"


def test_a_mail_server_that_is_away_is_given_up() -> None:
    with mail_server() as mailbox:
        pass
    with pytest.raises(ChannelFailed, match="cannot be reached"):
        send_mail(mail_variables(mailbox.port))


def test_no_password_is_sent_to_a_server_that_proves_nothing(
    self_signed: ssl.SSLContext,
) -> None:
    logins: list[object] = []

    def authenticate(*given: object) -> None:
        logins.append(given)

    values = {"SMTP_SECURITY": "starttls", "SMTP_USER": "u", "SMTP_PASSWORD": "p"}
    with (
        mail_server(tls_context=self_signed, authenticator=authenticate) as mailbox,
        pytest.raises(ChannelFailed, match="proves no identity"),
    ):
        send_mail(mail_variables(mailbox.port, **values))
    assert logins == []


@pytest.fixture
def self_signed(tmp_path: Path) -> ssl.SSLContext:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2050, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return context


HOOK = "LEADS_ALERT_WEBHOOK_URL"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({HOOK: "http://hooks.example.com/x"}, "must begin with https"),
        ({HOOK: "http://localhost.example.com/x"}, "must begin with https"),
        ({HOOK: "ftp://example.com/x"}, "no address of a webhook"),
        ({HOOK: "hooks.example.com"}, "no address of a webhook"),
        ({HOOK: "https://[broken"}, "no address of a webhook"),
        ({"LEADS_ALERT_EMAIL_TO": "a@example.jp"}, "EMAIL_FROM and LEADS_ALERT_SMTP_HOST too"),
        (mail_variables(25, EMAIL_TO="nobody"), "EMAIL_TO is no e-mail address"),
        (mail_variables(25, EMAIL_TO="a@x.jp b@x.jp"), "EMAIL_TO is no e-mail address"),
        (mail_variables(25, EMAIL_FROM="x"), "EMAIL_FROM is no e-mail address"),
        (mail_variables(25, SMTP_SECURITY="ssl"), "one of starttls, tls, none"),
        (mail_variables(25, SMTP_HOST="mail.example.jp"), "on this machine alone"),
        (mail_variables(0), "is no port"),
    ],
)
def test_variables_that_cannot_be_used_are_told(
    settings: Settings, values: dict[str, str], said: str
) -> None:
    channels, complaints = read_channels(values)
    assert channels == []
    (complaint,) = complaints
    assert said in complaint
    lines: list[str] = []
    tell(settings, [trouble("build", ["x"])], lines.append, values)
    assert lines == [f"No alert was sent: {complaint}."]


def test_channels_of_other_machines_are_encrypted() -> None:
    values = mail_variables(587, SMTP_HOST="mail.example.jp", SMTP_SECURITY="") | {
        HOOK: "https://hooks.example.com/services/x"
    }
    channels, complaints = read_channels(values)
    assert complaints == []
    assert [channel.name for channel in channels] == ["webhook", "email"]
    assert getattr(channels[1], "security", None) == "starttls"


def test_every_check_that_alerts_sort_by_is_one_that_ships() -> None:
    rows = read_rows(REPOSITORY / "seeds" / "reference" / "quality_limits.csv")
    assert set().union(*OF_KIND.values()) <= {row["limit_id"] for row in rows}
