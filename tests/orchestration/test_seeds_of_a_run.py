"""What `leads check` says about the seeds of a run."""

from __future__ import annotations

from pathlib import Path

from tests.orchestration.building import REPOSITORY, run_leads


def test_bundled_data_are_not_made_to_check_the_rules(tmp_path: Path) -> None:
    done = run_leads("check", "--workdir", str(tmp_path), folder=REPOSITORY)
    assert done.returncode == 0, done.stderr
    assert "The rules are in order (the shipped seeds" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_list_of_attributes_never_brings_back_who_opted_out(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "leads.csv").write_text("lead_id,opted_out,plan\n1,yes,big\n")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "attributes.csv").write_text("attribute\nplan\nseats\ncountry\n")
    done = run_leads(
        "check", "--source", "file", "--raw-dir", "raw", "--rules", "rules", folder=tmp_path
    )
    assert done.returncode == 0, done.stderr
    said = " ".join((done.stdout + done.stderr).split())
    # The other two stand on do_not_contact and company_name, which the source always gives.
    assert "exclusion_conditions.csv: 5 rows are left out" in said
