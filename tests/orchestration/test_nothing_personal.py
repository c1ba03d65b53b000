"""After runs that fail in every step and one that does not, no log or page holds a person's data.

Names, addresses and numbers that stand nowhere else are planted in a small world. What the runs
print, what they send as alerts, and every file below the working folder that is no data is
searched for them.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.state.tables import migrate
from orchestration.lib.state.versions import write_versions
from tests.orchestration.alert_servers import HookServer, hook_server
from tests.orchestration.building import REPOSITORY, keep_parse, reuse_parse, write_rows

pytestmark = pytest.mark.law

FAMILY, GIVEN, KANJI, KANA = "Zanzibarski", "Quorraline", "残留花子丸", "ザンリュウ"
EMAIL, PHONE = "quorraline.z@planted-mail.example", "090-7777-6543"
NEEDLES = (
    "zanzibarski",
    "quorraline",
    "残留",
    "ザンリュウ",
    "planted-mail",
    "7777-6543",
    "77776543",
)
ENCODINGS = ("utf-8", "utf-16-le", "cp932")
# Data itself: the build file, state, what is published or exported.
DATA = {"published", "exports", "spill"}

# The command of a project whose files are not all those of the repository, with a quick dbt.
_LEADS = """
import sys
from pathlib import Path
from orchestration.lib.settings import resolve_settings
resolve_settings.__kwdefaults__["project_root"] = Path(sys.argv.pop(1))
from tests.orchestration import untested_builds
untested_builds.main()
"""
# The same as a job of the orchestrator, which keeps what happens in files of its own; of the models
# it builds the one that fails.
_DAGSTER = """
import sys
from pathlib import Path
from orchestration.lib.settings import resolve_settings
resolve_settings.__kwdefaults__["project_root"] = Path(sys.argv.pop(1))
import dagster as dg
from orchestration.definitions import defs
from orchestration.lib.builds import build
from tests.orchestration.untested_builds import without_tests
build.dbt_arguments = lambda *given, **more: [
    *without_tests(*given, **more), "--select", "stg_file__numbers"
]
jobs = {job.name: job for job in (defs() if callable(defs) else defs).resolve_all_job_defs()}
job = next(jobs[name] for name in ("hourly_build", "build") if name in jobs)
with dg.DagsterInstance.get() as instance:
    result = job.execute_in_process(instance=instance, raise_on_error=False)
    sys.exit(0 if result.success else 1)
"""
# A cast as somebody may write it one day: the database quotes the value that it fails on.
_BROKEN_MODEL = """{{ config(materialized='table') }}

with

leads as (

    select * from {{ source('file', 'leads') }}

),

numbers as (

    select cast(leads.email as integer) as email_number

    from leads

)

select * from numbers
"""


@dataclass
class World:
    """A project, raw files and a working folder; all that runs said or sent."""

    root: Path
    hook: HookServer
    said: list[str] = field(default_factory=list)

    @property
    def project(self) -> Path:
        return self.root / "project"

    @property
    def raw(self) -> Path:
        return self.root / "raw"

    @property
    def workdir(self) -> Path:
        return self.root / "work"

    @property
    def rules(self) -> Path:
        return self.root / "rules"

    def run(self, script: str, *arguments: str, **environment: str) -> tuple[int, str]:
        kept = {name: value for name, value in os.environ.items() if name[:6] != "LEADS_"}
        done = subprocess.run(
            [sys.executable, "-c", script, str(self.project), *arguments],
            cwd=self.workdir,
            env={**kept, **self.variables(), **environment},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        self.said.append(f"{done.stdout}\n{done.stderr}")
        return done.returncode, self.said[-1]

    def variables(self) -> dict[str, str]:
        return {
            "PYTHONPATH": str(REPOSITORY),
            "DAGSTER_HOME": str(self.workdir / "warehouse" / "dagster"),
            "LEADS_ALERT_WEBHOOK_URL": self.hook.url,
            "LEADS_SOURCE": "file",
            "LEADS_RAW_DIR": str(self.raw),
            "LEADS_RULES": str(self.rules),
            "LEADS_AS_OF": "2026-10-30",
            "LEADS_WORKDIR": str(self.workdir),
        }


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with hook_server() as hook:
        world = World(tmp_path_factory.mktemp("personal"), hook)
        world.workdir.mkdir()
        _link_project(world.project)
        shutil.copytree(REPOSITORY / "seeds" / "scoring", world.rules)
        _write_raw(world.raw)
        reuse_parse(world.workdir, "file")
        _write_state(world.workdir / "warehouse" / "state.duckdb")
        yield world


def _link_project(project: Path) -> None:
    """The repository, but for its models, which are a copy."""
    project.mkdir()
    for entry in REPOSITORY.iterdir():
        if entry.name not in {"models", ".git", "leads.toml"}:
            (project / entry.name).symlink_to(entry)
    shutil.copytree(REPOSITORY / "models", project / "models")


def _write_state(file: Path) -> None:
    """A state whose tables bear versions: what failed at its end need not be made anew."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(file)) as connection:
        migrate(connection)
        write_versions(connection)


def _write_raw(raw: Path) -> None:
    persons = [
        {
            "lead_id": f"L{number}",
            "created_at": "2026-01-05",
            "email": EMAIL if number else "other@business.example",
            "last_name": f"{FAMILY} {KANJI}",
            "first_name": GIVEN,
            "full_name_kana": KANA,
            "phone": PHONE if number % 2 else PHONE.replace("-", ""),
            "company": "Business Example",
            "job_title": f"部長 {GIVEN}",
            "memo": f"{GIVEN} asked to be called at {PHONE}",
        }
        for number in range(12)
    ]
    events = [
        {
            "event_id": f"e{number}",
            "lead_id": f"L{number % 12}",
            "event_type": "demo_request" if number % 3 else f"wrote to {EMAIL}",
            "occurred_at": f"2026-10-{number % 28 + 1:02}T0{number % 10}:00:00",
            "comment": f"{KANJI} {EMAIL} {PHONE}",
        }
        for number in range(60)
    ]
    outcomes = [{"lead_id": "L1", "outcome": "lost", "reason": f"{GIVEN} left"}]
    feedback = [{"lead_id": "L2", "at": "2026-10-20", "disposition": "x", "comment": FAMILY}]
    for name, rows in {
        "leads": persons,
        "events": events,
        "outcomes": outcomes,
        "feedback": feedback,
    }.items():
        write_rows(raw / f"{name}.csv", list(rows[0]), rows)


def found(world: World) -> list[str]:
    """Where a needle stands that should stand nowhere."""
    places: dict[str, bytes] = {
        **{f"output {number}": text.encode() for number, text in enumerate(world.said)},
        **{f"alert {number}": text.encode() for number, text in enumerate(world.hook.bodies)},
        **{f"alert text {number}": text.encode() for number, text in enumerate(world.hook.texts)},
    }
    for file in world.workdir.rglob("*"):
        parts = file.relative_to(world.workdir).parts
        is_data = ".duckdb" in file.name or DATA & set(parts)
        if file.is_file() and not file.is_symlink() and not is_data:
            places[str(file.relative_to(world.workdir))] = file.read_bytes()
    wanted = {needle.encode(encoding) for needle in NEEDLES for encoding in ENCODINGS} | {
        json.dumps(needle)[1:-1].encode() for needle in NEEDLES
    }
    return [
        f"{place}: {needle!r}"
        for place, content in places.items()
        for needle in wanted
        if needle in content.lower() or needle in content
    ]


def test_failures_in_every_step_and_a_good_run_leave_no_personal_value(world: World) -> None:
    broken = world.project / "models" / "staging" / "file" / "stg_file__numbers.sql"
    broken.write_text(_BROKEN_MODEL)
    world.hook.answers = [(403, {}), (200, {})]
    (world.workdir / "warehouse" / "dagster").mkdir(parents=True)
    code, said = world.run(_DAGSTER)
    assert code == 1
    assert "stg_file__numbers failed" in said
    assert "Conversion Error" in said
    assert "No alert was sent: the webhook at 127.0.0.1 answered 403" in said
    assert found(world) == []

    broken.unlink()
    keep_parse(world.workdir, "file")
    runs = world.workdir / "published" / "runs"
    runs.parent.mkdir()
    runs.touch()
    code, said = world.run(_LEADS, "build")
    assert code == 1
    assert "The system refused: Not a directory" in said
    runs.unlink()

    whole = (world.raw / "leads.csv").read_text()
    (world.raw / "leads.csv").write_text(whole + f'L99,2026-01-01,"{EMAIL}\n{GIVEN} {FAMILY}\n')
    code, said = world.run(_LEADS, "build")
    assert code == 2
    assert "leads.csv" in said
    (world.raw / "leads.csv").write_text(whole)

    rules = world.rules / "scoring_rules.csv"
    with rules.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    write_rows(rules, list(rows[0]), [rows[0] | {"points": "many"}, *rows[1:]])
    code, said = world.run(_LEADS, "build")
    assert code == 2
    assert "scoring_rules.csv" in said
    write_rows(rules, list(rows[0]), rows)

    code, said = world.run(_LEADS, "build")
    assert code == 0
    assert "leads scored" in said
    assert [text.partition("\n")[0] for text in world.hook.texts][-1].startswith(
        "*Leads: recovered after"
    )
    assert len(world.hook.texts) >= 5
    assert found(world) == []


def test_the_search_finds_what_is_there(world: World) -> None:
    assert found(world) == []
    for number, (text, encoding) in enumerate(
        [
            (f"x {EMAIL} y", "utf-8"),
            (KANJI, "cp932"),
            (json.dumps(KANJI), "utf-8"),
            (PHONE, "ascii"),
        ]
    ):
        file = world.workdir / "warehouse" / f"page_{number}.html"
        file.write_bytes(text.encode(encoding))
        assert found(world) != []
        file.unlink()
    # The data that were searched for are there.
    assert EMAIL.encode() in (world.raw / "leads.csv").read_bytes()
