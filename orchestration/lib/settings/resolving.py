"""Flags before LEADS_* variables before leads.toml before defaults."""

from __future__ import annotations

import difflib
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from orchestration.lib.problems import InputError, Problem
from orchestration.lib.settings.options import OPTIONS
from orchestration.lib.settings.settings import (
    BUNDLED_ORIGIN,
    NO_FOLDER_ORIGIN,
    Settings,
    place_of,
)
from orchestration.lib.settings.toml_file import FILE_NAME, find_toml, read_toml
from orchestration.lib.settings.workdir import Workdir

PROJECT_ROOT = Path(__file__).resolve().parents[3]
BUNDLED_SET = Path("data") / "simulated_company"
BUNDLED_SOURCES = ("hubspot", "segment")
DEFAULT_TIMEZONE = "Asia/Tokyo"
LANGUAGES = ("en", "ja")
TARGETS = ("duckdb",)
# Names under which a build attaches files of its own.
RESERVED_NAMES = frozenset({"build", "leads", "snapshot", "state"})
# Vars of the project that an option sets.
_VARS_OF_OPTIONS = {
    "as_of": "as_of",
    "history_days": "history_from",
    "run_date": "as_of",
    "sample_percent": "sample",
    "sources": "source",
    "timezone": "timezone",
}


@dataclass(frozen=True)
class _Given:
    """A value as somebody wrote it, and where."""

    value: object
    origin: str
    base: Path


def resolve_settings(
    flags: Mapping[str, object] | None = None,
    *,
    accept_reason: str | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    project_root: Path = PROJECT_ROOT,
    now: datetime | None = None,
) -> Settings:
    """Settle every option; `flags` are keyed by option name, None meaning not given.

    Relative paths are relative to the current folder (`folder`), those in leads.toml to its own
    folder.

    Raises:
        InputError: with one problem for every value that cannot be used.
    """
    folder = Path.cwd() if folder is None else folder
    now = datetime.now(UTC) if now is None else now
    environment = os.environ if environment is None else environment
    return _Resolver(_given(flags or {}, environment, folder, project_root), project_root).settle(
        folder, now, accept_reason
    )


def _given(
    flags: Mapping[str, object], environment: Mapping[str, str], folder: Path, project_root: Path
) -> dict[str, _Given]:
    given: dict[str, _Given] = {}
    toml_file = find_toml((folder, project_root))
    if toml_file is not None:
        for name, value in read_toml(toml_file).items():
            given[name] = _Given(value, f"{toml_file}, key {name}", toml_file.parent)
    for option in OPTIONS:
        text = environment.get(option.variable, "").strip()
        if text:
            given[option.name] = _Given(text, f"variable {option.variable}", folder)
        flag = flags.get(option.name)
        if flag is not None:
            given[option.name] = _Given(flag, f"flag {option.flag}", folder)
    return given


class _Resolver:
    """Turns given values into settings, gathering every problem on the way."""

    def __init__(self, given: Mapping[str, _Given], project_root: Path) -> None:
        self.given = given
        self.root = project_root
        self.problems: list[Problem] = []
        self.origins: dict[str, str] = {}

    def settle(self, folder: Path, now: datetime, accept_reason: str | None) -> Settings:
        sources = self._sources()
        variables = self._variables()
        attached = self._attached()
        is_landed = any(place_of(source, variables) is None for source in sources)
        is_bundled = "raw_dir" not in self.given and is_landed
        workdir = Workdir(self._path("workdir", self.root, None) or self.root)
        raw_dir = (
            self._path("raw_dir", workdir.bundled_data, BUNDLED_ORIGIN)
            if is_landed
            else self._no_raw_dir()
        )
        rules_dir = self._path("rules", None, None)
        foreign_state = self._foreign_state(workdir)
        timezone = self._timezone()
        run_date = now.astimezone(ZoneInfo(timezone)).date()
        as_of_date = self._as_of(run_date, timezone, is_bundled=is_bundled)
        settings = Settings(
            sources=sources,
            raw_dir=raw_dir or self.root,
            rules_dir=rules_dir,
            workdir=workdir,
            target=self._choice("target", TARGETS),
            as_of_date=as_of_date,
            run_date=run_date,
            started_at=now.astimezone(UTC),
            sample_percent=self._sample(),
            language=self._choice("language", LANGUAGES),
            timezone=timezone,
            is_timezone_chosen="timezone" in self.given,
            full_refresh=self._yes_or_no("full_refresh"),
            accept_reason=self._accept(accept_reason),
            project_root=self.root,
            origins=self.origins,
            variables=variables,
            attached=attached,
            foreign_state=foreign_state,
            history_from=self._history_from(as_of_date),
            wait_seconds=self._duration("wait", "seconds") or 0.0,
            time_limit_minutes=self._duration("time_limit", "minutes") or None,
            exports_file=self._exports_file(),
        )
        self._check_folders(settings, is_bundled=is_bundled)
        if self.problems:
            raise InputError(self.problems)
        return settings

    def _take(self, name: str, default_origin: str | None = None) -> _Given | None:
        given = self.given.get(name)
        self.origins[name] = (default_origin or "default") if given is None else given.origin
        return given

    def _refuse(self, name: str, message: str, remedy: str) -> None:
        self.problems.append(Problem(f"{self.origins[name]}: {message}", remedy))

    def _sources(self) -> tuple[str, ...]:
        given = self._take("source")
        if given is None:
            # A folder of somebody's own holds files, as long as nothing else is said.
            return ("file",) if "raw_dir" in self.given else BUNDLED_SOURCES
        items = given.value if isinstance(given.value, list) else str(given.value).split(",")
        names = tuple(dict.fromkeys(str(item).strip().lower() for item in items))
        known = known_sources(self.root)
        for name in names:
            if name not in known:
                said = f"'{name}' is no source." if name else "a source name is empty."
                self._refuse("source", said, f"Known sources: {', '.join(known)}.")
        return names

    def _variables(self) -> dict[str, object]:
        given = self._take("vars")
        if given is None or not isinstance(given.value, dict):
            return {}
        variables: dict[str, object] = dict(given.value)
        known = set(project_variables(self.root))
        for source in known_sources(self.root):
            known |= {f"{source}_schema", f"{source}_database"}
        for name in variables:
            if name in _VARS_OF_OPTIONS:
                option = _VARS_OF_OPTIONS[name]
                self._refuse(
                    "vars", f"'{name}' is no var to set here.", f"Set the key {option} instead."
                )
            elif name not in known:
                close = difflib.get_close_matches(name, known, n=1)
                remedy = f"Write '{close[0]}'." if close else f"Known: {', '.join(sorted(known))}."
                self._refuse("vars", f"the project has no var '{name}'.", remedy)
            elif name.endswith(("_schema", "_database")) and not str(variables[name]).strip():
                self._refuse("vars", f"'{name}' is empty.", "Name it, or remove the line.")
        return variables

    def _attached(self) -> dict[str, Path]:
        given = self._take("attach")
        if given is None or not isinstance(given.value, dict):
            return {}
        attached: dict[str, Path] = {}
        for name, text in given.value.items():
            path = Path(os.path.abspath(given.base / Path(str(text)).expanduser()))  # noqa: PTH100
            if not path.is_file():
                self._refuse("attach", f"the file {path} does not exist.", "Correct the path.")
            elif str(name).lower() in RESERVED_NAMES:
                self._refuse("attach", f"the name '{name}' is taken.", "Choose another one.")
            attached[str(name)] = path
        return attached

    def _no_raw_dir(self) -> Path | None:
        # A folder that leads.toml or a variable names for other sources is no mistake.
        self.origins["raw_dir"] = NO_FOLDER_ORIGIN
        return None

    def _path(self, name: str, default: Path | None, default_origin: str | None) -> Path | None:
        given = self._take(name, default_origin)
        if given is None:
            return default
        # abspath keeps symbolic links: a link that is moved on means another folder on purpose.
        path = Path(os.path.abspath(given.base / Path(str(given.value)).expanduser()))  # noqa: PTH100
        if name != "workdir" and not path.is_dir():
            self._refuse(name, f"the folder {path} does not exist.", "Correct the path.")
        elif path.exists() and not path.is_dir():
            self._refuse(name, f"{path} is a file.", "Name a folder.")
        return path

    def _foreign_state(self, workdir: Workdir) -> Path | None:
        given = self._take("state")
        if given is None:
            return None
        path = Path(os.path.abspath(given.base / Path(str(given.value)).expanduser()))  # noqa: PTH100
        if path.exists() and workdir.state.exists() and path.samefile(workdir.state):
            return None
        if path == workdir.state:
            return None
        if not path.is_file():
            self._refuse("state", f"the file {path} does not exist.", "Correct the path.")
        return path

    def _exports_file(self) -> Path | None:
        given = self._take("exports", "default of the project")
        if given is None:
            return None
        path = Path(os.path.abspath(given.base / Path(str(given.value)).expanduser()))  # noqa: PTH100
        if not path.is_file():
            self._refuse("exports", f"the file {path} does not exist.", "Correct the path.")
        return path

    def _timezone(self) -> str:
        given = self._take("timezone", "default of the project")
        name = project_timezone(self.root) if given is None else str(given.value)
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self._refuse(
                "timezone",
                f"'{name}' is no time zone of this machine.",
                "Write a name such as Asia/Tokyo; where none is known, install the package tzdata.",
            )
            return "UTC"
        return name

    def _as_of(self, run_date: date, timezone: str, *, is_bundled: bool) -> date:
        bundled_file = self.root / BUNDLED_SET / "as_of"
        use_bundled = is_bundled and bundled_file.is_file()
        given = self._take("as_of", BUNDLED_ORIGIN if use_bundled else f"today in {timezone}")
        if given is None and not use_bundled:
            return run_date
        value = bundled_file.read_text(encoding="utf-8") if given is None else given.value
        return self._day("as_of", value) or run_date

    def _history_from(self, as_of_date: date) -> date | None:
        given = self._take("history_from", "none")
        day = None if given is None else self._day("history_from", given.value)
        if day is not None and day >= as_of_date:
            self._refuse(
                "history_from",
                f"{day} is not before the day that is scored, {as_of_date}.",
                "Name an earlier day.",
            )
        return day

    def _day(self, name: str, value: object) -> date | None:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        try:
            return datetime.strptime(str(value).strip(), "%Y-%m-%d").date()
        except ValueError:
            self._refuse(name, "this is no day.", "Write it as YYYY-MM-DD.")
            return None

    def _sample(self) -> float:
        given = self._take("sample")
        if given is None:
            return 100.0
        try:
            percent = float(str(given.value).strip().removesuffix("%"))
        except ValueError:
            percent = 0.0
        if not 0 < percent <= 100:
            self._refuse(
                "sample", "this is no percentage.", "Write a number above 0 and at most 100."
            )
            return 100.0
        return percent

    def _duration(self, name: str, unit: str) -> float | None:
        given = self._take(name, "none")
        if given is None:
            return None
        try:
            number = float(str(given.value).strip())
        except ValueError:
            number = -1.0
        if not 0 <= number < math.inf:
            self._refuse(name, f"this is no number of {unit}.", "Write a number, as in 30.")
            return None
        return number

    def _choice(self, name: str, choices: tuple[str, ...]) -> str:
        given = self._take(name)
        if given is None:
            return choices[0]
        value = str(given.value).strip().lower()
        if value not in choices:
            self._refuse(name, f"'{value}' is not possible.", f"Possible: {', '.join(choices)}.")
            return choices[0]
        return value

    def _yes_or_no(self, name: str) -> bool:
        given = self._take(name)
        if given is None:
            return False
        value = str(given.value).strip().lower()
        if value not in {"true", "false", "1", "0", "yes", "no"}:
            self._refuse(name, "this is neither true nor false.", "Write true or false.")
        return value in {"true", "1", "yes"}

    def _accept(self, reason: str | None) -> str | None:
        if reason is not None and not reason.strip():
            self.problems.append(
                Problem(
                    "flag --accept: the reason is empty.",
                    "Say in a few words why this build may be published.",
                )
            )
        return None if reason is None else reason.strip()

    def _check_folders(self, settings: Settings, *, is_bundled: bool) -> None:
        if is_bundled and not set(settings.sources) <= set(BUNDLED_SOURCES):
            self._refuse(
                "source",
                f"the bundled data are of the sources {' and '.join(BUNDLED_SOURCES)}.",
                f"Name the folder of your data with --raw-dir, LEADS_RAW_DIR or {FILE_NAME}.",
            )
        elif is_bundled and not (self.root / BUNDLED_SET).is_dir():
            self._refuse(
                "raw_dir",
                f"the folder {BUNDLED_SET} is missing.",
                "Name the folder of your data with --raw-dir.",
            )


def known_sources(project_root: Path) -> tuple[str, ...]:
    """The sources that have a folder below models/staging."""
    files = (project_root / "models" / "staging").glob("*/_*__sources.yml")
    return tuple(sorted(file.parent.name for file in files)) or BUNDLED_SOURCES


def project_timezone(project_root: Path) -> str:
    """The var `timezone` of dbt_project.yml."""
    return str(project_variables(project_root).get("timezone") or DEFAULT_TIMEZONE)


def project_variables(project_root: Path) -> dict[str, object]:
    """The vars of dbt_project.yml with their defaults."""
    import yaml  # slow to load, and needed by nobody else here

    try:
        text = (project_root / "dbt_project.yml").read_text(encoding="utf-8")
    except OSError:
        return {}
    project = yaml.safe_load(text) or {}
    variables = dict(project.get("vars") or {})
    scoped = variables.pop(project.get("name"), None) or {}
    return {**variables, **scoped}
