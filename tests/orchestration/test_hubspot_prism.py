"""Requests and answers through Prism, a validator that is not ours; only where it is installed.

`npm install --global @stoplight/prism-cli` puts it there.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from orchestration.lib.exports.crm.answers import Waits
from orchestration.lib.exports.crm.environment import Secret
from orchestration.lib.exports.destination import OutgoingRow
from orchestration.lib.exports.hubspot import HubSpotDestination
from orchestration.lib.exports.hubspot.account import HubSpotAccount
from orchestration.lib.exports.hubspot.set_up import set_up_properties
from orchestration.lib.exports.hubspot.wanted_properties import wanted_properties
from orchestration.lib.seeds import load_seeds
from tests.orchestration.building import REPOSITORY
from tests.orchestration.fake_hubspot import SPECIFICATION, TOKEN, FakeHubSpot, lead_status

PRISM = shutil.which("prism")
SECONDS_TO_START = 60

pytestmark = pytest.mark.skipif(
    PRISM is None or shutil.which("node") is None, reason="Prism is not installed"
)


@pytest.fixture(scope="module")
def hubspot() -> Iterator[FakeHubSpot]:
    with FakeHubSpot() as fake:
        yield fake


@pytest.fixture(scope="module")
def proxy(
    hubspot: FakeHubSpot, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    """Prism in front of the fake: a request or an answer outside of the file is an error."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("prism") / "log"
    command = [str(PRISM), "proxy", str(SPECIFICATION), hubspot.url, "--errors"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as opened:
        process = subprocess.Popen(command, stdout=opened, stderr=subprocess.STDOUT)
        try:
            _wait_for(port, process)
            yield f"http://127.0.0.1:{port}", log
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as knocking:
            if knocking.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail("Prism did not start")


def account(url: str) -> HubSpotAccount:
    return HubSpotAccount(url, Secret(TOKEN), waits=Waits(attempts=1), calls_in_flight=2)


def test_prism_refuses_what_is_outside_of_the_file(proxy: tuple[str, Path]) -> None:
    url, _ = proxy
    answer = httpx.post(
        f"{url}/crm/objects/2026-03/contacts/batch/upsert",
        json={"inputs": [{"id": "L-1", "properties": {"ls_grade": 3}}]},
        headers={"Authorization": f"Bearer {TOKEN}"},
        trust_env=False,
    )
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("match_key", "mode", "operation"),
    [
        ("ls_lead_id", "upsert", "upsert"),
        ("ls_lead_id", "update_only", "update"),
        ("email", "upsert", "upsert"),
        ("email", "update_only", "update"),
        ("ls_lead_id", "create_only", "create"),
        ("ls_lead_id", "mirror", "delete"),
    ],
)
def test_prism_takes_every_kind_of_call(
    hubspot: FakeHubSpot, proxy: tuple[str, Path], match_key: str, mode: str, operation: str
) -> None:
    url, log = proxy
    key = {"create_only": "L-2"}.get(mode, "L-1") if match_key == "ls_lead_id" else "a@a.example"
    row = OutgoingRow(key, operation, {"ls_grade": "A1", "ls_score": None}, "t")  # type: ignore[arg-type]
    own = HubSpotDestination(account(url), "contacts", match_key, mode)
    (outcome,) = own.send([row])
    assert outcome.status == "accepted", log.read_text(encoding="utf-8")


def test_prism_takes_the_set_up(hubspot: FakeHubSpot, proxy: tuple[str, Path]) -> None:
    url, _ = proxy
    hubspot.properties = {kind: {"hs_lead_status": lead_status()} for kind in hubspot.records}
    wanted = wanted_properties(load_seeds(REPOSITORY / "seeds", None), "ja")
    assert set_up_properties(account(url), wanted, apply=True).is_ready
    again = set_up_properties(account(url), wanted, apply=True)
    assert {step.action for step in again.steps} == {"same"}
