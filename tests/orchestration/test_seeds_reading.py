"""Seeds as people save them: encodings, line ends, spoilt cells, cut files, rules folders."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from orchestration.lib.problems import InputError
from orchestration.lib.seeds import (
    SeedSet,
    check_seeds,
    column_aliases,
    load_catalog,
    load_seeds,
    write_seeds,
)
from orchestration.lib.seeds.workbook_import import csv_text_of
from tests.orchestration.seed_folders import FILES, KNOWN, SEEDS, with_cells, write_folder

RULES = "scoring_rules.csv"
GOOD = FILES[RULES]


def content(seeds: SeedSet) -> dict[str, list[dict[str, str | None]]]:
    return {name: [dict(row.cells) for row in table.rows] for name, table in seeds.tables.items()}


def notices_of(folder: Path) -> list[str]:
    return [str(notice) for notice in load_seeds(SEEDS, folder).notices]


def refused(folder: Path) -> list[tuple[str | None, int | None, str | None, str]]:
    with pytest.raises(InputError) as caught:
        load_seeds(SEEDS, folder)
    assert all(problem.remedy for problem in caught.value.problems)
    return [
        (problem.file, problem.row, problem.column, problem.message)
        for problem in caught.value.problems
    ]


def test_the_shipped_seeds_are_good_and_quiet() -> None:
    seeds = load_seeds(SEEDS, None)
    assert seeds.notices == ()
    assert check_seeds(seeds, KNOWN).problems == ()


def test_the_shipped_files_are_already_in_the_form_that_is_written() -> None:
    for name, table in load_seeds(SEEDS, None).tables.items():
        file = SEEDS / table.spec.folder / f"{name}.csv"
        assert file.read_bytes().decode("utf-8") == csv_text_of(table)


def test_every_file_is_described_and_every_description_has_its_file() -> None:
    described = {f"{spec.folder}/{name}.csv" for name, spec in load_catalog(SEEDS).items()}
    assert described == {path.relative_to(SEEDS).as_posix() for path in SEEDS.glob("*/*.csv")}


def test_no_description_is_empty_and_keys_are_tested() -> None:
    for file in SEEDS.glob("*/_*__seeds.yml"):
        text = file.read_text(encoding="utf-8")
        assert 'description: ""' not in text
    for spec in load_catalog(SEEDS).values():
        assert all(column.description for column in spec.columns), spec.name
        assert spec.key


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda text: text.encode(), id="utf-8"),
        pytest.param(lambda text: b"\xef\xbb\xbf" + text.encode(), id="byte-order mark"),
        pytest.param(lambda text: text.replace("\n", "\r\n").encode(), id="crlf"),
        pytest.param(lambda text: text.replace("\n", "\n\n").encode(), id="empty lines"),
        pytest.param(lambda text: (text + "," * 17 + "\n").encode(), id="line of commas"),
        pytest.param(lambda text: text.rstrip("\n").encode(), id="no last line end"),
        pytest.param(lambda text: text.encode("cp932"), id="cp932"),
        pytest.param(lambda text: text.replace(",", "　, ").encode(), id="padded cells"),
        pytest.param(lambda text: text.replace("\n", ",\n").encode(), id="unnamed column"),
        pytest.param(lambda text: text.replace("rule_id", "Rule_ID").encode(), id="capitals"),
        pytest.param(
            lambda text: text.replace("2026-04-01", "2026/4/1").encode(), id="days with slashes"
        ),
        pytest.param(
            lambda text: text.replace("2026-04-01", "2026-04-01 00:00:00").encode(), id="midnight"
        ),
        pytest.param(lambda text: text.replace(",60,", ",60.0,").encode(), id="60.0"),
        pytest.param(lambda text: text.replace(",25,", ",25.00,").encode(), id="25.00"),
    ],
)
def test_the_same_rules_are_read_from_every_form(tmp_path: Path, change) -> None:  # type: ignore[no-untyped-def]
    expected = content(load_seeds(SEEDS, write_folder(tmp_path / "plain" / "rules")))
    folder = write_folder(tmp_path / "rules")
    (folder / RULES).write_bytes(change(GOOD))
    seeds = load_seeds(SEEDS, folder)
    assert check_seeds(seeds, KNOWN).problems == ()
    assert content(seeds) == expected


def test_unusual_forms_give_one_notice_a_file(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "rules")
    text = GOOD.replace("2026-04-01", "2026/4/1").replace(",15,", ",15.0,")
    (folder / RULES).write_bytes(text.encode("cp932"))
    told = notices_of(folder)
    assert len(told) == 3
    assert all(line.startswith("rules/scoring_rules.csv: ") for line in told)
    assert [word for word in ("CP932", "YYYY-MM-DD", "5.0") if any(word in s for s in told)] == [
        "CP932",
        "YYYY-MM-DD",
        "5.0",
    ]


def test_quoted_commas_line_breaks_and_marks_are_content(tmp_path: Path) -> None:
    files = with_cells(RULES, 2, label_en='One, two "three"', rationale="first\nsecond")
    seeds = load_seeds(SEEDS, write_folder(tmp_path / "rules", files))
    row = seeds.tables["scoring_rules"].rows[0]
    assert row.cells["label_en"] == 'One, two "three"'
    assert row.cells["rationale"] == "first\nsecond"
    assert [row.number for row in seeds.tables["scoring_rules"].rows] == [2, 3, 4, 5]


@pytest.mark.parametrize(
    ("damage", "row", "column", "words"),
    [
        (GOOD[: GOOD.index("linear,15")].encode(), 3, None, "cells, the header has 18"),
        (GOOD.replace("Demo,デモ,", "Demo,デモ,,,surplus", 1).encode(), 3, None, "the header has"),
        (GOOD.replace("Head", '"Head', 1).encode(), 2, "label_en", "never closed"),
        (GOOD.replace("Head", '"Head"x', 1).encode(), 2, None, "follows a closing"),
        (GOOD.encode().replace("適".encode(), b"x")[:-1] + b"\xe3\x83", 5, "rationale", "UTF-8"),
        (GOOD.encode("ascii", "ignore") + b"x,\xff\xfe,\n", 6, "score_id", "UTF-8"),
        (GOOD.encode("utf-16"), 1, None, "UTF-16"),
        (b"", 1, None, "empty"),
        (b"\n\n", 1, None, "empty"),
        (GOOD.replace("points", "weight").encode(), 1, "points", "column is missing"),
        (GOOD.replace("rationale", "points").encode(), 1, "points", "stands twice"),
        (GOOD.replace(",", ";").encode(), 1, None, "separated by commas"),
        (GOOD.replace(",rationale", ",").replace("部門長,", "部門長,x").encode(), 2, None, "name"),
    ],
    ids=range(13),
)
def test_a_damaged_file_names_its_place(
    tmp_path: Path, damage: bytes, row: int, column: str | None, words: str
) -> None:
    folder = write_folder(tmp_path / "rules")
    (folder / RULES).write_bytes(damage)
    found = refused(folder)
    assert found[0][:2] == ("rules/scoring_rules.csv", row)
    assert column is None or found[0][2] == column
    assert words in found[0][3]


def test_damaged_files_are_all_named(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "rules")
    (folder / RULES).write_text("rule_id\n")
    (folder / "score_bands.csv").write_text("")
    assert {file for file, *_ in refused(folder)} == {
        "rules/scoring_rules.csv",
        "rules/score_bands.csv",
    }


def test_a_missing_rules_folder_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path / "nowhere")[0][0] == "nowhere"


def test_columns_that_a_file_lacks_are_empty_and_labels_fall_back_to_the_id(tmp_path: Path) -> None:
    files = {
        "event_types.csv": "event_type\nform_submitted\npage_viewed\ndocument_downloaded\n",
        RULES: "rule_id,score_id,group_id,applies_to,points\nhead,fit,role,lead,5\n",
        "rule_conditions.csv": "rule_id,field,operator\nhead,phone,is_known\n",
    }
    seeds = load_seeds(SEEDS, write_folder(tmp_path / "rules", files))
    assert check_seeds(seeds, KNOWN).problems == ()
    rule = seeds.tables["scoring_rules"].rows[0].cells
    assert (rule["label_en"], rule["label_ja"], rule["decay"]) == ("head", "head", "none")
    assert (rule["valid_from"], rule["max_count"], rule["repeat"]) == (None, None, None)
    kind = seeds.tables["event_types"].rows[0].cells
    assert (kind["label_ja"], kind["is_activity"]) == ("form_submitted", "false")
    assert seeds.tables["rule_conditions"].rows[0].cells["alternative"] == "1"
    assert seeds.tables["grades"].rows[0].cells["grade_set"] == "main"


def test_unknown_files_and_columns_are_notices(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "rules", {"scoring_rule.csv": "x\n", "README.md": "# Rules\n"})
    (folder / RULES).write_text(GOOD.replace("label_ja", "lable_ja"))
    told = notices_of(folder)
    assert len(told) == 2
    assert told[0].startswith("rules/scoring_rule.csv: ")
    assert "'scoring_rules'" in told[0]
    assert "lable_ja" in told[1]
    assert "'label_ja'" in told[1]


def test_a_copy_of_the_seeds_folder_works_as_rules(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    (folder / "scoring").mkdir(parents=True)
    text = (SEEDS / "scoring" / RULES).read_text(encoding="utf-8").replace(",25,", ",24,", 1)
    (folder / "scoring" / RULES).write_text(text, encoding="utf-8")
    seeds = load_seeds(SEEDS, folder)
    assert seeds.tables["scoring_rules"].file == "rules/scoring/scoring_rules.csv"
    assert seeds.tables["scoring_rules"].rows[0].cells["points"] == "24"
    (folder / RULES).write_text(text, encoding="utf-8")
    assert "twice" in refused(folder)[0][3]


def test_the_rules_folder_is_only_read(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "rules")
    (folder / RULES).write_bytes(GOOD.replace("2026-04-01", "2026/4/1").encode("cp932"))
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    folder.chmod(0o555)
    try:
        seeds = load_seeds(SEEDS, folder)
        check_seeds(seeds, KNOWN)
        write_seeds(seeds, tmp_path / "project" / "seeds")
    finally:
        folder.chmod(0o755)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_written_seeds_are_canonical_and_the_same_for_every_form(tmp_path: Path) -> None:
    write_seeds(load_seeds(SEEDS, write_folder(tmp_path / "a" / "rules")), tmp_path / "one")
    other = write_folder(tmp_path / "b" / "rules")
    text = GOOD.replace("2026-04-01", "2026/4/1").replace("\n", "\r\n")
    (other / RULES).write_bytes(text.encode("cp932"))
    write_seeds(load_seeds(SEEDS, other), tmp_path / "two")
    written = tmp_path / "one" / "scoring" / RULES
    assert written.read_bytes() == (tmp_path / "two" / "scoring" / RULES).read_bytes()
    with written.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(load_catalog(SEEDS)["scoring_rules"].column_names)
    assert rows[1]["valid_to"] == "2026-04-01"
    assert b"\r" not in written.read_bytes()
    assert len(list((tmp_path / "one").glob("*/*.csv"))) == len(load_catalog(SEEDS))


def test_written_seeds_survive_the_sniffer_of_the_engine(tmp_path: Path) -> None:
    import duckdb

    files = with_cells("rule_conditions.csv", 2, value="'head'")
    write_seeds(load_seeds(SEEDS, write_folder(tmp_path / "rules", files)), tmp_path / "seeds")
    written = tmp_path / "seeds" / "scoring" / "rule_conditions.csv"
    with duckdb.connect() as connection:
        connection.execute("create table conditions (a text, b int, c text, d text, e text)")
        # The statement with which dbt loads a seed.
        connection.execute(f"copy conditions from '{written}' (format csv, header true)")
        values = connection.execute("select e from conditions where a = 'head'").fetchall()
    assert values == [("'head'",)]


def test_written_seeds_never_follow_a_link(tmp_path: Path) -> None:
    original = tmp_path / "original.csv"
    original.write_text("untouched")
    target = tmp_path / "seeds" / "scoring" / RULES
    target.parent.mkdir(parents=True)
    target.symlink_to(original)
    write_seeds(load_seeds(SEEDS, None), tmp_path / "seeds")
    assert original.read_text() == "untouched"
    assert not target.is_symlink()


def test_aliases_come_from_both_seeds(tmp_path: Path) -> None:
    aliases = column_aliases(load_seeds(SEEDS, None))
    assert aliases["leads"]["リードid"] == "lead_id"
    assert aliases["leads"]["会社名"] == "company"
    assert aliases["leads"]["役職"] == "job_title"
    assert aliases["leads"]["業種"] == "industry"
    assert aliases["leads"]["業種区分"] == "industry_group"
    assert aliases["events"]["日時"] == "occurred_at"
    assert aliases["events"]["フォーム種別"] == "form_kind"
    assert "company_name" not in aliases["leads"]
    assert "lead_id" not in aliases["leads"]


def test_an_attribute_without_a_label_gives_no_alias(tmp_path: Path) -> None:
    attributes = "attribute,source_file\nevent.plan,\nseats,seats|Sitze\n"
    folder = write_folder(tmp_path / "rules", {"attributes.csv": attributes})
    aliases = column_aliases(load_seeds(SEEDS, folder))
    assert aliases["leads"]["sitze"] == "seats"
    assert "event.plan" not in aliases["events"]
