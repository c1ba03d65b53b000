"""What holds for every node that dbt knows: descriptions, layers, names, contracts, tests."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

Node = Mapping[str, Any]

REPOSITORY = Path(__file__).resolve().parents[2]
PROJECT = "lead_scoring"
SOURCES = ["file", "hubspot", "segment"]

PREFIXES = {
    "staging": ("stg_",),
    "intermediate": ("int_",),
    "marts": ("dim_", "fct_", "rpt_"),
    "exports": ("sync_",),
}
GROUPS = {
    "staging": "sources",
    "intermediate": "engine",
    "marts": "published",
    "exports": "published",
}
ACCESS = {
    "staging": "protected",
    "intermediate": "protected",
    "marts": "public",
    "exports": "public",
}
# What an export may send is published with the marts.
SCHEMAS = {"exports": "marts"}
# What a layer may read: kinds of nodes, of models their layers.
MAY_READ = {
    # The values of a past day are what the source says today and what builds recorded of it.
    "staging": {"source", "state", "seed"},
    "intermediate": {"seed", "state", "staging", "intermediate"},
    "marts": {"seed", "intermediate", "marts"},
    "late": {"marts"},
    "exports": {"seed", "marts", "late", "exports"},
}
# Intermediate models between the marts and the exports, which nothing else reads.
LATE_MODELS = {"int_sync_leads"}

# Public names of the contract and of the seeds that read better without is_, has_, _date and _at.
BOOLEANS = (
    "do_not_contact",
    "email_opt_out",
    "enter_on_recontact_date",
    "fill_only",
    "may_identify_company",
    "boolean_value",
    "owner_keeps_lead",
)
BOOLEAN_VERBS = ("is_", "has_", "stops_", "clears_", "needs_", "counts_as_")
DAYS = (
    "absent_from",
    "absent_to",
    "agreed_on",
    "date_day",
    "data_through",
    "month_start",
    "next_review_on",
    "valid_from",
    "valid_to",
)
# Times of the wall clock, which are no moments.
TIMES_OF_DAY = ("business_hours.opens_at", "business_hours.closes_at")

# Tens of millions of rows at a hundred million events: a test of data costs more than the scoring.
LARGE_MODELS = {
    "int_lead_attributes",
    "int_lead_events",
    "int_lead_filter_days",
    "int_lead_tallies",
    "int_person_event_days",
    "int_person_filter_days",
    "int_person_late_events",
    "int_readable_events",
    "int_repeated_event_ids",
    "int_rule_events",
    "int_rule_points",
}

# dbt takes keys that it does not know without a word. These are the ones inside of lists.
INNER_KEYS = {
    "given": {"fixture", "format", "input", "rows"},
    "expect": {"fixture", "format", "rows"},
    "overrides": {"env_vars", "macros", "vars"},
    "arguments": {"description", "name", "type"},
    "owner": {"email", "name"},
    "constraints": {"columns", "expression", "name", "type"},
}
CONFIG_KEYS = {
    "access",
    "column_types",
    "contract",
    "enabled",
    "freshness",
    "group",
    "loaded_at_field",
    "materialized",
    "meta",
    "severity",
    "store_failures",
    "tags",
    "where",
}


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Node:
    """dbt's own reading of the project, made once for all processes of a test run."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    target = folder / "manifest"
    with (folder / "manifest.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (target / "manifest.json").is_file():
            parse(folder, target)
    content: Node = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    return content


def parse(folder: Path, target: Path) -> None:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("DBT_", "LEADS_"))
    }
    environment["LEADS_WAREHOUSE"] = str(folder / "manifest.duckdb")
    environment["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    arguments = ["parse", "--target-path", str(target), "--log-path", str(folder / "logs")]
    # Models of a source that is not chosen are disabled; all are looked at.
    arguments += ["--vars", json.dumps({"sources": SOURCES})]
    done = subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", "--no-use-colors", *arguments],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]


def check_that_none(bad: list[str]) -> None:
    """Fails with every finding in full, one a line."""
    assert not bad, "\n" + "\n".join(sorted(bad))


def nodes(manifest: Node, *kinds: str) -> list[Node]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] in kinds]


def models(manifest: Node, *layers: str) -> list[Node]:
    return [node for node in nodes(manifest, "model") if not layers or layer_of(node) in layers]


def layer_of(node: Node) -> str:
    return Path(node["original_file_path"]).parts[1]


def kind_of(manifest: Node, unique_id: str) -> str:
    """The layer of a model, else what kind of node it is; what builds recorded is `state`."""
    kind, _, name, *_ = unique_id.split(".")
    if kind == "source" and name == "state":
        return name
    if name in LATE_MODELS:
        return "late"
    return layer_of(manifest["nodes"][unique_id]) if kind == "model" else kind


def data_tests_on(manifest: Node, node: Node) -> list[Node]:
    return [
        test for test in nodes(manifest, "test") if test.get("attached_node") == node["unique_id"]
    ]


def typed_columns(manifest: Node) -> Iterator[tuple[str, str, str]]:
    """Place, name and type of every column that bears a type."""
    for node in nodes(manifest, "model"):
        for name, column in node["columns"].items():
            yield f"{node['name']}.{name}", name, column["data_type"] or ""
    for node in nodes(manifest, "seed"):
        for name, data_type in node["config"]["column_types"].items():
            yield f"{node['name']}.{name}", name, data_type


def test_there_is_something_to_check(manifest: Node) -> None:
    staged = {Path(node["original_file_path"]).parts[2] for node in models(manifest, "staging")}
    assert staged == set(SOURCES)
    assert len(models(manifest, "intermediate")) > 20
    assert len(models(manifest, "marts")) >= 7
    assert len(manifest["unit_tests"]) > 80
    assert len(nodes(manifest, "test")) > 80


def test_everything_is_described(manifest: Node) -> None:
    described = [
        *nodes(manifest, "model", "seed"),
        *manifest["sources"].values(),
        *manifest["exposures"].values(),
        *manifest["unit_tests"].values(),
        *(test for test in nodes(manifest, "test") if "test_metadata" not in test),
    ]
    bad = [node["unique_id"] for node in described if not node["description"].strip()]
    for node in nodes(manifest, "model", "seed"):
        if not node["columns"]:
            bad.append(f"{node['unique_id']}: no columns")
    for node in described:
        bad += [
            f"{node['unique_id']}.{name}"
            for name, column in node.get("columns", {}).items()
            if not column["description"].strip()
        ]
    check_that_none(bad)


def test_every_macro_and_argument_is_described(manifest: Node) -> None:
    macros = [
        macro
        for macro in manifest["macros"].values()
        # Tests are described where they are used; <engine>__<name> belongs to <name>.
        if macro["package_name"] == PROJECT
        and not macro["name"].startswith("test_")
        and "__" not in macro["name"]
    ]
    assert len(macros) > 30
    bad = [macro["name"] for macro in macros if not macro["description"].strip()]
    for macro in macros:
        bad += [
            f"{macro['name']}({argument['name']})"
            for argument in macro["arguments"]
            if not (argument["description"] or "").strip()
        ]
    check_that_none(bad)


def test_every_column_of_a_model_has_a_type(manifest: Node) -> None:
    check_that_none([place for place, _, data_type in typed_columns(manifest) if not data_type])


def test_a_layer_reads_only_what_lies_before_it(manifest: Node) -> None:
    bad = []
    for node in models(manifest):
        allowed = MAY_READ[kind_of(manifest, node["unique_id"])]
        bad += [
            f"{node['name']} reads {parent}"
            for parent in node["depends_on"]["nodes"]
            if kind_of(manifest, parent) not in allowed
        ]
    check_that_none(bad)


def test_a_model_bears_the_prefix_schema_group_and_access_of_its_layer(manifest: Node) -> None:
    bad = []
    for node in models(manifest):
        layer = layer_of(node)
        if not node["name"].startswith(PREFIXES[layer]):
            bad.append(f"{node['name']}: name")
        if node["schema"] != SCHEMAS.get(layer, layer):
            bad.append(f"{node['name']}: schema {node['schema']}")
        if node["config"]["group"] != GROUPS.get(layer, node["config"]["group"]):
            bad.append(f"{node['name']}: group {node['config']['group']}")
        if node["access"] != ACCESS.get(layer, node["access"]):
            bad.append(f"{node['name']}: access {node['access']}")
    check_that_none(bad)


def test_a_mart_has_an_enforced_contract_and_a_tested_key(manifest: Node) -> None:
    bad = []
    for node in models(manifest, "marts", "exports"):
        key = node["config"]["meta"].get("key")
        if not node["config"]["contract"]["enforced"]:
            bad.append(f"{node['name']}: no contract")
        if not key or not set(key) <= set(node["columns"]):
            bad.append(f"{node['name']}: no key, or one that is no column")
        elif key not in uniquely_tested(manifest, node):
            bad.append(f"{node['name']}: no test that the key is unique")
    check_that_none(bad)


def uniquely_tested(manifest: Node, node: Node) -> list[list[str]]:
    keys = []
    for test in data_tests_on(manifest, node):
        if test["test_metadata"]["name"] == "unique":
            keys.append([test["column_name"]])
        elif test["test_metadata"]["name"] == "unique_combination":
            keys.append(test["test_metadata"]["kwargs"]["columns"])
    return keys


def test_keys_that_are_always_known_may_not_be_null(manifest: Node) -> None:
    # A part of a key may be unknown (a limit has no rule), the lead or the day never.
    bad = []
    for node in models(manifest, "marts", "exports"):
        first = node["columns"][node["config"]["meta"]["key"][0]]
        if "not_null" not in {constraint["type"] for constraint in first["constraints"]}:
            bad.append(f"{node['name']}.{first['name']}")
    check_that_none(bad)


def test_every_mart_has_a_reader(manifest: Node) -> None:
    exposures = list(manifest["exposures"].values())
    bad = [
        exposure["name"]
        for exposure in exposures
        if not (exposure["owner"]["name"] and exposure["owner"]["email"] and exposure["url"])
    ]
    read = {parent for exposure in exposures for parent in exposure["depends_on"]["nodes"]}
    public = models(manifest, "marts", "exports")
    bad += [node["name"] for node in public if node["unique_id"] not in read]
    bad += [f"an exposure reads {parent}" for parent in read if not is_public(manifest, parent)]
    check_that_none(bad)


def is_public(manifest: Node, unique_id: str) -> bool:
    return kind_of(manifest, unique_id) in {"marts", "exports"}


def test_data_tests_bear_names_that_a_person_gave(manifest: Node) -> None:
    bad = []
    for test in nodes(manifest, "test"):
        attached = test.get("attached_node")
        # dbt's own names begin with the kind of test, ours with what is tested.
        start = f"{attached.split('.')[-1]}_" if attached else "assert_"
        if not test["name"].startswith(start):
            bad.append(test["name"])
    check_that_none(bad)


def test_unit_tests_are_named_by_the_behaviour_of_their_model(manifest: Node) -> None:
    bad = [
        unit_test["name"]
        for unit_test in manifest["unit_tests"].values()
        if len(unit_test["name"].removeprefix(f"{unit_test['model']}_").split("_")) < 3
        or not unit_test["name"].startswith(f"{unit_test['model']}_")
    ]
    check_that_none(bad)


def test_every_model_has_a_unit_test(manifest: Node) -> None:
    tested = {unit_test["model"] for unit_test in manifest["unit_tests"].values()}
    check_that_none([node["name"] for node in models(manifest) if node["name"] not in tested])


def test_large_models_have_no_data_test(manifest: Node) -> None:
    names = {node["name"] for node in models(manifest)}
    assert names >= LARGE_MODELS
    bad = [
        test["name"]
        for node in models(manifest)
        if node["name"] in LARGE_MODELS
        for test in data_tests_on(manifest, node)
    ]
    check_that_none(bad)


def test_booleans_days_and_times_are_named_for_what_they_are(manifest: Node) -> None:
    bad = []
    for place, name, data_type in typed_columns(manifest):
        is_named_boolean = name.startswith(BOOLEAN_VERBS) or name in BOOLEANS
        is_named_day = name in DAYS or (name.endswith("_date") and not is_named_boolean)
        is_named_time = name.endswith("_at") and place not in TIMES_OF_DAY
        if (
            is_named_boolean != (data_type == "boolean")
            or is_named_day != (data_type == "date")
            or is_named_time != (data_type == "timestamp")
        ):
            bad.append(f"{place}: {data_type}")
    check_that_none(bad)


def test_no_yaml_has_an_inner_key_that_dbt_would_pass_over() -> None:
    bad = []
    files = [
        file
        for folder in ("models", "seeds", "macros", "tests")
        for file in sorted((REPOSITORY / folder).rglob("*.yml"))
        if not any(part.startswith(".") for part in file.relative_to(REPOSITORY).parts)
    ]
    assert len(files) > 50
    for file in files:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        bad += [f"{file.relative_to(REPOSITORY)}: {key}" for key in unknown_keys(content)]
    check_that_none(bad)


def test_an_inner_key_that_is_misspelt_is_found() -> None:
    unit_test = {"given": [{"inputs": "ref('a')", "rows": [{"any": 1}]}], "expect": {"row": []}}
    model = {"columns": [{"config": {"metas": {"any": 1}}, "constraints": [{"kind": "not_null"}]}]}
    macro = {"arguments": [{"name": "text", "descripton": "Text."}]}
    content = {"unit_tests": [unit_test], "models": [model], "macros": [macro]}
    assert sorted(unknown_keys(content)) == [
        "arguments.descripton",
        "config.metas",
        "constraints.kind",
        "expect.row",
        "given.inputs",
    ]


def unknown_keys(content: object) -> Iterator[str]:
    """Keys that stand where dbt reads none, at any depth; rows and macros may hold anything."""
    if isinstance(content, list):
        for item in content:
            yield from unknown_keys(item)
    if not isinstance(content, dict):
        return
    for name, value in content.items():
        known = CONFIG_KEYS if name == "config" else INNER_KEYS.get(name, set())
        for entry in value if isinstance(value, list) else [value]:
            # The arguments of a data test are one mapping of any names.
            if isinstance(entry, dict) and (name != "arguments" or "name" in entry) and known:
                yield from (f"{name}.{key}" for key in set(entry) - known)
        if name not in {"rows", "meta", "macros", "vars"} or isinstance(value, list):
            yield from unknown_keys(value)
