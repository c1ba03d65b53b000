"""What holds for every file of the repository. Nothing here needs dbt or a build."""

from __future__ import annotations

import ast
import csv
import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]

# Written by builds, checks and tools, never by a person.
WRITTEN_FOLDERS = {
    ".data",
    ".git",
    ".hypothesis",
    ".idea",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".venv",
    ".vscode",
    "__pycache__",
    "exports",
    "logs",
    "published",
    "reports",
    "target",
    "warehouse",
}
WRITTEN_FILES = {"leads.toml", ".user.yml", ".DS_Store"}
PACKED = {".gz", ".parquet", ".xlsx", ".png"}

LAYERS = {
    "staging": ("stg_",),
    "intermediate": ("int_",),
    "marts": ("dim_", "fct_", "rpt_"),
    "exports": ("sync_",),
}
README_LINES = 150
LINE_LENGTH = 100

TEST_KEYS = {"arguments", "config", "description", "name"}
COLUMN_KEYS = {
    "config",
    "constraints",
    "data_tests",
    "data_type",
    "description",
    "name",
    "policy_tags",
    "quote",
    "tags",
}
NODE_KEYS = {
    "columns",
    "config",
    "constraints",
    "data_tests",
    "description",
    "docs",
    "latest_version",
    "name",
    "versions",
}
KNOWN_KEYS: dict[str, set[str]] = {
    "models": NODE_KEYS,
    "seeds": NODE_KEYS,
    "data_tests": {"config", "description", "name"},
    "unit_tests": {"config", "description", "expect", "given", "model", "name", "overrides"},
    "macros": {"arguments", "config", "description", "docs", "name"},
    "groups": {"config", "description", "name", "owner"},
    "exposures": {
        "config",
        "depends_on",
        "description",
        "label",
        "maturity",
        "name",
        "owner",
        "type",
        "url",
    },
    "sources": {
        "config",
        "database",
        "description",
        "freshness",
        "loaded_at_field",
        "loader",
        "name",
        "quoting",
        "schema",
        "tables",
    },
    "tables": NODE_KEYS | {"external", "freshness", "identifier", "loaded_at_field"},
}


def files_below(*folders: str, pattern: str = "*") -> list[Path]:
    """The files that people wrote below the folders, without what builds and tools write."""
    found: list[Path] = []
    for folder in folders or (".",):
        for place, names, files in os.walk(REPOSITORY / folder):
            names[:] = sorted(
                name
                for name in names
                if name not in WRITTEN_FOLDERS and not name.endswith(".egg-info")
            )
            found += [
                Path(place, name)
                for name in sorted(files)
                if name not in WRITTEN_FILES and Path(name).match(pattern)
            ]
    return found


def shown(file: Path) -> str:
    return file.relative_to(REPOSITORY).as_posix()


def check_that_none(bad: list[str]) -> None:
    """Fails with every finding in full, one a line."""
    assert not bad, "\n" + "\n".join(bad)


def text_files() -> Iterator[tuple[Path, str]]:
    """Every text file in UTF-8; what is packed or in another encoding on purpose is left out."""
    for file in files_below():
        if file.suffix not in PACKED and file.is_file():
            try:
                yield file, file.read_bytes().decode("utf-8")
            except UnicodeDecodeError:
                assert "tests" in file.parts, f"{shown(file)} is not UTF-8"


def properties() -> list[tuple[Path, dict[str, Any]]]:
    return [
        (file, yaml.safe_load(file.read_text(encoding="utf-8")))
        for file in files_below("models", "seeds", "macros", "tests", pattern="*.yml")
    ]


PROPERTIES = properties()
MODELS = files_below("models", pattern="*.sql")
MACROS = [*files_below("macros", pattern="*.sql"), *files_below("tests/generic", pattern="*.sql")]
SEEDS = files_below("seeds", pattern="*.csv")


def nodes(kind: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    for file, content in PROPERTIES:
        for node in content.get(kind) or ():
            yield file, node


def described() -> Iterator[tuple[str, dict[str, Any]]]:
    """Models, seeds and source tables, each with a name for messages."""
    for kind in ("models", "seeds"):
        for file, node in nodes(kind):
            yield f"{shown(file)}: {node['name']}", node
    for file, source in nodes("sources"):
        for table in source["tables"]:
            yield f"{shown(file)}: {source['name']}.{table['name']}", table


def data_tests() -> Iterator[tuple[str, object]]:
    for place, node in described():
        for test in node.get("data_tests") or ():
            yield place, test
        for column in node.get("columns") or ():
            for test in column.get("data_tests") or ():
                yield f"{place}.{column['name']}", test


def test_there_is_something_to_check() -> None:
    assert len(MODELS) > 20
    assert len(MACROS) > 20
    assert len(SEEDS) > 15
    assert sum(1 for _ in data_tests()) > 50


def test_no_file_names_a_path_of_this_machine() -> None:
    places = {str(place) + "/" for place in (REPOSITORY.parent, Path.home()) if place.parts[1:]}
    homes = re.compile(r"(?<![\w.])/(?:home|Users)/[a-z]\w+/|[A-Z]:\\Users\\\w")
    bad = [
        f"{shown(file)}:{number}"
        for file, text in text_files()
        for number, line in enumerate(text.splitlines(), start=1)
        if homes.search(line) or any(place in line for place in places)
    ]
    check_that_none(bad)


def test_text_files_have_unix_line_ends_and_end_with_one() -> None:
    # Seeds and fixtures of tests may be odd on purpose.
    bad = [
        shown(file)
        for file, text in text_files()
        if text and "tests" not in file.parts and ("\r" in text or not text.endswith("\n"))
    ]
    check_that_none(bad)


def test_the_lock_names_no_index_and_hashes_everything() -> None:
    lock = (REPOSITORY / "requirements.lock").read_text(encoding="utf-8")
    assert not re.search(r"https?://|file:|--(extra-)?index-url|--find-links|--trusted-host", lock)
    requirements = re.split(r"\n(?=[a-zA-Z0-9])", lock)
    assert len(requirements) > 50
    bad = [entry.split()[0] for entry in requirements if "--hash=sha256:" not in entry]
    check_that_none(bad)
    assert all("==" in entry.split("\n")[0] for entry in requirements)


def test_the_lock_holds_what_requirements_ask_for() -> None:
    def name_of(line: str) -> str:
        found = re.match(r"[A-Za-z0-9._-]+", line)
        return re.sub(r"[._-]+", "-", found.group()).lower() if found else ""

    asked = (REPOSITORY / "requirements.in").read_text(encoding="utf-8").splitlines()
    locked = (REPOSITORY / "requirements.lock").read_text(encoding="utf-8").splitlines()
    missing = {name_of(line) for line in asked} - {name_of(line) for line in locked} - {""}
    check_that_none(sorted(missing))


def test_the_readme_is_short() -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert len(readme.splitlines()) < README_LINES


def test_make_lists_every_target_that_people_use() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    listed = set(re.findall(r"^([a-z]+):.*## \S", makefile, flags=re.MULTILINE))
    wanted = {"build", "test", "data", "lint", "fix", "bench", "docs", "dagster", "clean", "lock"}
    assert wanted <= listed


def test_ci_runs_make_test() -> None:
    script = REPOSITORY / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "exec make test" in script.read_text(encoding="utf-8")


def test_the_ci_workflow_needs_no_secret() -> None:
    for file in files_below(".github"):
        assert "secrets." not in file.read_text(encoding="utf-8"), shown(file)


def test_pre_commit_hooks_are_local() -> None:
    settings = yaml.safe_load((REPOSITORY / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert {entry["repo"] for entry in settings["repos"]} == {"local"}


def test_the_linter_looks_at_every_source() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    staged = {file.parent.name for file in files_below("models/staging", pattern="*.sql")}
    assert set(project["tool"]["sqlfluff"]["templater"]["dbt"]["context"]["sources"]) == staged


def test_a_macro_file_holds_the_macro_of_its_name() -> None:
    bad = []
    for file in MACROS:
        text = file.read_text(encoding="utf-8")
        names = re.findall(r"{%-?\s*(?:macro|test)\s+(\w+)", text)
        for kind, engine in re.findall(r"{% materialization (\w+), adapter='(\w+)'", text):
            names.append(f"materialization_{kind}_{engine}")
        # What one engine does differently stands in the same file: <engine>__<name>.
        if {name.partition("__")[2] or name for name in names} != {file.stem}:
            bad.append(f"{shown(file)}: {', '.join(names)}")
    check_that_none(bad)


def test_every_macro_is_described_with_its_arguments() -> None:
    described_macros = {node["name"]: node for _, node in nodes("macros")}
    missing = []
    for file in files_below("macros", pattern="*.sql"):
        node = described_macros.get(file.stem, {})
        found = re.search(rf"macro\s+{file.stem}\(([^)]*)\)", file.read_text(encoding="utf-8"))
        arguments = (
            [part.split("=")[0].strip() for part in found.group(1).split(",")] if found else []
        )
        told = [argument["name"] for argument in node.get("arguments") or ()]
        if not node.get("description") or told != [name for name in arguments if name]:
            missing.append(file.stem)
    check_that_none(sorted(missing))


def test_a_model_has_its_yaml_beside_it() -> None:
    bad = []
    for file in MODELS:
        beside = file.with_suffix(".yml")
        content = yaml.safe_load(beside.read_text(encoding="utf-8")) if beside.is_file() else {}
        named = [model["name"] for model in content.get("models") or ()]
        tested = {unit_test["model"] for unit_test in content.get("unit_tests") or ()}
        if named != [file.stem] or tested - {file.stem}:
            bad.append(f"{shown(beside)} is missing or describes something else")
    check_that_none(bad)


def test_a_model_bears_the_name_of_its_layer() -> None:
    bad = []
    for file in MODELS:
        layer, *areas = file.relative_to(REPOSITORY / "models").parts[:-1]
        # What a source says of an entity lies in intermediate/sources/<source>.
        depth = {"exports": 0}.get(layer, 2 if areas[:1] == ["sources"] else 1)
        is_deep_enough = len(areas) == depth
        staged = tuple(f"stg_{area}__" for area in areas)
        if not is_deep_enough or not file.name.startswith(
            staged if layer == "staging" else LAYERS[layer]
        ):
            bad.append(shown(file))
    check_that_none(bad)


def test_a_model_begins_and_ends_like_the_others() -> None:
    bad = []
    for file in MODELS:
        code = file.read_text(encoding="utf-8")
        code = re.sub(r"{#.*?#}|^\s*--.*?$", "", code, flags=re.DOTALL | re.MULTILINE)
        code = re.sub(
            r"^\s*{%.*?%}|^\s*{{\s*config\(.*?}}", "", code, flags=re.DOTALL | re.MULTILINE
        )
        lines = [line for line in code.splitlines() if line.strip()]
        if lines[0] != "with" or not re.fullmatch(r"select \* from \w+", lines[-1]):
            bad.append(shown(file))
    check_that_none(bad)


def test_no_model_reads_the_clock() -> None:
    clock = re.compile(r"\b(current_date|current_timestamp|getdate|now\(\)|today\(\))")
    check_that_none(
        [shown(file) for file in MODELS if clock.search(file.read_text(encoding="utf-8").lower())]
    )


def test_sql_lines_are_short() -> None:
    bad = [
        f"{shown(file)}:{number}"
        for file in files_below("models", "macros", "tests", pattern="*.sql")
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) > LINE_LENGTH
    ]
    check_that_none(bad)


# dbt accepts a key that it does not know, so a misspelt `data_tests` would be no test at all.
def test_no_yaml_has_a_key_that_dbt_would_pass_over() -> None:
    bad = []
    for file, content in PROPERTIES:
        bad += [f"{shown(file)}: {key}" for key in set(content) - set(KNOWN_KEYS) - {"version"}]
        for kind, known in KNOWN_KEYS.items():
            for node in content.get(kind) or ():
                bad += [f"{shown(file)}: {node['name']}.{key}" for key in set(node) - known]
    for place, node in described():
        bad += [f"{place}: {key}" for key in set(node) - KNOWN_KEYS["tables"]]
        for column in node.get("columns") or ():
            bad += [f"{place}.{column['name']}: {key}" for key in set(column) - COLUMN_KEYS]
    check_that_none(bad)


def test_every_data_test_has_a_name() -> None:
    bad = []
    for place, test in data_tests():
        content = next(iter(test.values())) if isinstance(test, dict) else None
        if not isinstance(content, dict) or not content.get("name"):
            bad.append(f"{place}: {test}")
        elif set(content) - TEST_KEYS:
            bad.append(f"{place}: {content['name']}")
    check_that_none(bad)


def test_every_model_seed_table_and_column_is_described() -> None:
    bad = []
    for place, node in described():
        if not str(node.get("description") or "").strip():
            bad.append(place)
        bad += [
            f"{place}.{column['name']}"
            for column in node.get("columns") or ()
            if not str(column.get("description") or "").strip()
        ]
    check_that_none(bad)


def test_a_seed_and_its_description_have_the_same_columns() -> None:
    told = {node["name"]: (file, node) for file, node in nodes("seeds")}
    bad = [f"{name}: described, but no file" for name in set(told) - {file.stem for file in SEEDS}]
    for file in SEEDS:
        if file.stem not in told or told[file.stem][0].parent != file.parent:
            bad.append(f"{shown(file)}: not described beside it")
            continue
        node = told[file.stem][1]
        with file.open(encoding="utf-8", newline="") as opened:
            header = next(csv.reader(opened))
        columns = [column["name"] for column in node["columns"]]
        if header != columns or sorted(node["config"]["column_types"]) != sorted(columns):
            bad.append(f"{shown(file)}: other columns or types than described")
        key = node["config"]["meta"]["key"]
        if not key or not set(key) <= set(columns):
            bad.append(f"{shown(file)}: no key")
    check_that_none(bad)


def test_seed_names_are_unique() -> None:
    names = [file.stem for file in SEEDS]
    assert len(names) == len(set(names))


def test_no_module_is_called_utils() -> None:
    vague = {"common", "helper", "helpers", "misc", "util", "utils"}
    assert not [shown(file) for file in files_below(pattern="*.py") if file.stem in vague]


def test_lib_knows_no_dagster_and_no_command_line() -> None:
    kept_out = ("dagster", "typer", "orchestration.defs", "orchestration.commands")
    bad = []
    for file in files_below("orchestration/lib", pattern="*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name == out or name.startswith(f"{out}.") for name in names for out in kept_out):
                bad.append(f"{shown(file)}:{getattr(node, 'lineno', 0)}")
    check_that_none(bad)


def test_decisions_are_numbered_in_a_row() -> None:
    names = [file.name for file in files_below("docs/decisions", pattern="*.md")]
    assert all(re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", name) for name in names)
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
