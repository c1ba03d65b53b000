from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from orchestration.lib.problems import InputError
from orchestration.lib.settings import Settings, resolve_settings
from orchestration.lib.settings.options import unknown_variables
from orchestration.lib.settings.settings import Place

LATE_EVENING_UTC = datetime(2026, 6, 30, 16, 0, tzinfo=UTC)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for name in ("file", "hubspot", "segment"):
        folder = root / "models" / "staging" / name
        folder.mkdir(parents=True)
        (folder / f"_{name}__sources.yml").touch()
    bundled = root / "data" / "simulated_company"
    bundled.mkdir(parents=True)
    (bundled / "as_of").write_text("2010-11-30\n")
    return root


@pytest.fixture
def here(tmp_path: Path) -> Path:
    folder = tmp_path / "here"
    for name in ("a", "b", "c", "sub"):
        (folder / name).mkdir(parents=True)
    return folder


def resolve(
    project: Path, here: Path, environment: dict[str, str] | None = None, **flags: object
) -> Settings:
    return resolve_settings(
        flags,
        environment=environment or {},
        folder=here,
        project_root=project,
        now=LATE_EVENING_UTC,
    )


def test_without_anything_the_bundled_set_is_built(project: Path, here: Path) -> None:
    settings = resolve(project, here)
    assert settings.sources == ("hubspot", "segment")
    assert settings.raw_dir == project / "warehouse" / "raw" / "simulated_company"
    assert settings.rules_dir is None
    assert settings.as_of_date == date(2010, 11, 30)
    assert settings.workdir.root == project
    assert settings.target == "duckdb"
    assert not settings.is_provisional
    assert settings.origins["as_of"] == "bundled data"


def test_flags_and_rules_replace_parts_of_the_bundled_set(project: Path, here: Path) -> None:
    settings = resolve(project, here, rules="a", as_of="2010-12-01")
    assert settings.rules_dir == here / "a"
    assert settings.as_of_date == date(2010, 12, 1)


def test_with_own_data_the_day_is_today_in_the_business_time_zone(
    project: Path, here: Path
) -> None:
    settings = resolve(project, here, raw_dir="a")
    assert settings.rules_dir is None
    assert settings.as_of_date == settings.run_date == date(2026, 7, 1)
    assert settings.is_provisional
    assert settings.origins["as_of"] == "today in Asia/Tokyo"


def test_the_project_names_the_time_zone_and_a_variable_overrides_it(
    project: Path, here: Path
) -> None:
    (project / "dbt_project.yml").write_text("name: p\nvars: {timezone: UTC}\n")
    assert resolve(project, here, raw_dir="a").run_date == date(2026, 6, 30)
    chosen = resolve(project, here, {"LEADS_TIMEZONE": "Asia/Seoul"}, raw_dir="a")
    assert chosen.run_date == date(2026, 7, 1)
    assert chosen.is_timezone_chosen


def test_flag_before_variable_before_file_before_default(project: Path, here: Path) -> None:
    (here / "leads.toml").write_text('raw_dir = "a"\n')
    from_file = resolve(project, here)
    assert from_file.raw_dir == here / "a"
    assert from_file.origins["raw_dir"] == f"{here / 'leads.toml'}, key raw_dir"
    variable = {"LEADS_RAW_DIR": "b"}
    from_variable = resolve(project, here, variable)
    assert from_variable.raw_dir == here / "b"
    assert from_variable.origins["raw_dir"] == "variable LEADS_RAW_DIR"
    from_flag = resolve(project, here, variable, raw_dir="c")
    assert from_flag.raw_dir == here / "c"
    assert from_flag.origins["raw_dir"] == "flag --raw-dir"


def test_the_file_of_the_current_folder_goes_before_that_of_the_repository(
    project: Path, here: Path
) -> None:
    (project / "own").mkdir()
    (project / "leads.toml").write_text('raw_dir = "own"\nsample = 5\n')
    assert resolve(project, here).raw_dir == project / "own"
    assert resolve(project, here).sample_percent == 5
    (here / "leads.toml").write_text('raw_dir = "sub"\n')
    assert resolve(project, here).raw_dir == here / "sub"
    assert resolve(project, here).sample_percent == 100


def test_a_file_can_hold_every_option(project: Path, here: Path) -> None:
    (here / "leads.toml").write_text(
        'source = ["file", "hubspot"]\nraw_dir = "a"\nrules = "b"\nworkdir = "out"\n'
        'target = "duckdb"\nas_of = 2026-06-01\nsample = 12.5\nlanguage = "ja"\n'
        'timezone = "UTC"\nfull_refresh = true\nstate = "old/state.duckdb"\n'
        'history_from = 2026-05-01\nwait = 90\ntime_limit = 2.5\nexports = "old/exports.yml"\n'
    )
    (here / "old").mkdir()
    (here / "old" / "exports.yml").touch()
    (here / "old" / "state.duckdb").touch()
    settings = resolve(project, here)
    assert settings.sources == ("file", "hubspot")
    assert settings.workdir.root == here / "out"
    assert settings.as_of_date == date(2026, 6, 1)
    assert settings.sample_percent == 12.5
    assert settings.language == "ja"
    assert settings.full_refresh
    assert settings.history_from == date(2026, 5, 1)
    assert (settings.wait_seconds, settings.time_limit_minutes) == (90.0, 2.5)
    assert settings.foreign_state == here / "old" / "state.duckdb"
    assert settings.exports == here / "old" / "exports.yml"
    origins = {origin for _, _, origin in settings.in_force()}
    assert all(origin.startswith(str(here / "leads.toml")) for origin in origins)


def test_an_unknown_key_names_file_key_and_remedy(project: Path, here: Path) -> None:
    (here / "leads.toml").write_text('raw-dir = "a"\n')
    with pytest.raises(InputError) as raised:
        resolve(project, here)
    text = str(raised.value)
    assert "leads.toml" in text
    assert "'raw-dir'" in text
    assert "Write 'raw_dir'" in text


def test_broken_toml_is_wrong_input(project: Path, here: Path) -> None:
    (here / "leads.toml").write_text("raw_dir = \n")
    with pytest.raises(InputError, match="no valid TOML"):
        resolve(project, here)


def test_the_history_begins_before_the_day_that_is_scored(project: Path, here: Path) -> None:
    settings = resolve(project, here, as_of="2026-06-30", history_from="2026-06-01")
    assert settings.history_from == date(2026, 6, 1)
    for wrong, message in (("2026-06-30", "is not before"), ("yesterday", "no day")):
        with pytest.raises(InputError, match=message):
            resolve(project, here, as_of="2026-06-30", history_from=wrong)


def test_every_wrong_value_is_told_with_its_origin(project: Path, here: Path) -> None:
    (here / "leads.toml").write_text('language = "fr"\n')
    with pytest.raises(InputError) as raised:
        resolve(
            project,
            here,
            {"LEADS_SAMPLE": "0", "LEADS_TIMEZONE": "Mars/Base"},
            raw_dir="missing",
            source="file,salesforce",
            as_of="30.6.2026",
            target="oracle",
        )
    text = str(raised.value)
    assert len(raised.value.problems) == 7
    for part in (
        "flag --raw-dir",
        "'salesforce'",
        "Known sources: file, hubspot",
        "flag --as-of",
        "variable LEADS_SAMPLE",
        "Mars/Base",
        "leads.toml, key language",
        "flag --target",
    ):
        assert part in text


def test_links_are_not_resolved(project: Path, here: Path) -> None:
    (here / "link").symlink_to(here / "a")
    assert resolve(project, here, raw_dir="link").raw_dir == here / "link"


def test_several_sources_may_have_a_folder_each(project: Path, here: Path) -> None:
    (here / "a" / "hubspot").mkdir()
    both = resolve(project, here, raw_dir="a", source="file, hubspot")
    assert both.source_dir("hubspot") == here / "a" / "hubspot"
    assert both.source_dir("file") == here / "a"
    alone = resolve(project, here, raw_dir="a", source="hubspot")
    assert alone.source_dir("hubspot") == here / "a" / "hubspot"
    assert resolve(project, here, raw_dir="b", source="hubspot").source_dir("hubspot") == here / "b"


def test_the_file_source_alone_has_its_files_in_the_raw_folder(project: Path, here: Path) -> None:
    (here / "a" / "file").mkdir()
    assert resolve(project, here, raw_dir="a").source_dir("file") == here / "a"


def write_toml(here: Path, text: str) -> None:
    (here / "leads.toml").write_text(text)


def test_vars_and_attached_files_stand_in_leads_toml(project: Path, here: Path) -> None:
    (project / "dbt_project.yml").write_text("vars: {fiscal_year_start_month: 4}\n")
    (here / "crm.duckdb").touch()
    write_toml(
        here,
        """
        source = ["hubspot", "file"]
        raw_dir = "a"
        [vars]
        hubspot_schema = "fivetran"
        hubspot_database = "crm"
        fiscal_year_start_month = 1
        [attach]
        crm = "crm.duckdb"
        """,
    )
    settings = resolve(project, here / "sub" / "..")
    assert settings.place("hubspot") == Place("crm", "fivetran")
    assert settings.place("file") is None
    assert settings.landed_sources == ("file",)
    assert settings.variables["fiscal_year_start_month"] == 1
    assert settings.attached == {"crm": here / "crm.duckdb"}
    in_force = {name: value for name, value, _ in settings.in_force()}
    assert in_force["vars.hubspot_schema"] == "fivetran"
    assert in_force["attach.crm"] == str(here / "crm.duckdb")
    assert in_force["raw_dir"] == str(here / "a")


def test_without_a_landed_source_no_raw_folder_is_asked_for(project: Path, here: Path) -> None:
    write_toml(here, 'raw_dir = "gone"\n[vars]\nhubspot_schema = "fivetran"\n')
    settings = resolve(project, here, source="hubspot")
    assert settings.place("hubspot") == Place(None, "fivetran")
    assert not settings.is_bundled
    assert settings.as_of_date == settings.run_date
    assert ("raw_dir", "none", "not read") in settings.in_force()


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("[vars]\nhubspot_shema = 'x'", "Write 'hubspot_schema'"),
        ("[vars]\nas_of = '2026-01-01'", "Set the key as_of"),
        ("[vars]\nsources = ['hubspot']", "Set the key source"),
        ("[vars]\nhubspot_schema = ' '", "is empty"),
        ("[attach]\ncrm = 'gone.duckdb'", "gone.duckdb does not exist"),
        ("vars = 'x'", r"Write \[vars\]"),
    ],
)
def test_wrong_vars_and_attached_files_are_refused(
    project: Path, here: Path, toml: str, said: str
) -> None:
    write_toml(here, toml)
    with pytest.raises(InputError, match=said):
        resolve(project, here, raw_dir="a")


def test_bundled_data_are_of_their_own_sources(project: Path, here: Path) -> None:
    assert resolve(project, here, source="hubspot").is_bundled
    with pytest.raises(InputError, match="--raw-dir"):
        resolve(project, here, source="file")


def test_an_empty_acceptance_is_refused(project: Path, here: Path) -> None:
    with pytest.raises(InputError, match="--accept"):
        resolve_settings({}, accept_reason=" ", environment={}, folder=here, project_root=project)


def test_misspelt_variables_are_found() -> None:
    names = frozenset({"LEADS_RAWDIR", "LEADS_RAW_DIR", "LEADS_WAREHOUSE", "PATH"})
    assert unknown_variables(names) == ["LEADS_RAWDIR"]
