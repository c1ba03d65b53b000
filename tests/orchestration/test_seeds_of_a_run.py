"""What `leads check` says about the seeds of a run."""

from __future__ import annotations

from pathlib import Path

from tests.orchestration.building import REPOSITORY, run_leads


def test_notices_are_about_the_rules_in_force_alone() -> None:
    done = run_leads("check", folder=REPOSITORY)
    assert done.returncode == 0, done.stderr
    said = done.stdout + done.stderr
    assert "data/bank_marketing/rules" in said
    assert "seeds/scoring/rule_conditions.csv" not in said


def test_a_list_of_attributes_never_brings_back_who_opted_out(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "leads.csv").write_text("lead_id,opted_out,plan\n1,yes,big\n")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "attributes.csv").write_text("attribute\nplan\nseats\ncountry\n")
    done = run_leads("check", "--raw-dir", "raw", "--rules", "rules", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    said = " ".join((done.stdout + done.stderr).split())
    # The other two stand on do_not_contact and company_name, which the source always gives.
    assert "exclusion_conditions.csv: 5 rows are left out" in said
