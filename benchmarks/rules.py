"""Rule sets of any number of event rules, with every feature of the rules in them.

They grow in two ways. `broad`: every rule looks at the events of all products, so that a lead meets
most of them. `product`: each rule after the twentieth is one of the twenty for one product alone.
"""

from __future__ import annotations

import csv
from enum import StrEnum
from pathlib import Path

from benchmarks.generate import PRODUCTS

EVENT_TYPES = (
    "page_viewed",
    "form_submitted",
    "document_downloaded",
    "visit_started",
    "email_clicked",
    "page_viewed",
    "webinar_attended",
    "seminar_attended",
    "call_connected",
    "email_opened",
    "page_viewed",
    "webinar_registered",
    "exhibition_visited",
    "trial_started",
    "video_watched",
    "email_unsubscribed",
)
WINDOWS = ("", "30", "90", "180", "365", "60", "")
DECAYS = (("none", "", ""), ("linear", "30", "25"), ("exponential", "30", ""), ("none", "", ""))
CONDITIONS = {
    "page_viewed": (
        ("event.page_path", "starts_with", "/pricing"),
        ("event.page_path", "contains", "/product"),
        ("event.page_path", "contains", "/customers"),
        None,
        ("event.page_path", "starts_with", "/careers"),
        ("event.page_path", "matches", "^/(security|docs)/1"),
    ),
    "form_submitted": (
        ("event.form_kind", "equals", "demo"),
        ("event.form_kind", "in", "quotation|product_inquiry"),
        None,
    ),
    "document_downloaded": (
        ("event.content_kind", "equals", "price_list"),
        ("event.content_kind", "not_in", "template|price_list"),
    ),
}
GROUPS = 8
BASE_RULES = 20


class Growth(StrEnum):
    """What the rules after the twentieth look at."""

    BROAD = "broad"
    PRODUCT = "product"


def write_rules(folder: Path, shipped: Path, event_rules: int, growth: Growth) -> Path:
    """A rules folder: the shipped fit rules and `event_rules` rules on events in eight groups."""
    folder.mkdir(parents=True, exist_ok=True)
    shipped_rules = _read(shipped / "scoring_rules.csv")
    fit_rules = [row for row in shipped_rules if row["score_id"] == "fit"]
    fit_ids = {row["rule_id"] for row in fit_rules}
    conditions = [
        row for row in _read(shipped / "rule_conditions.csv") if row["rule_id"] in fit_ids
    ]
    rules = list(fit_rules)
    for number in range(event_rules):
        rule, narrowed = _event_rule(number, growth)
        rules.append(dict.fromkeys(shipped_rules[0], "") | rule)
        conditions += narrowed
    groups = [row for row in _read(shipped / "score_groups.csv") if row["score_id"] == "fit"]
    groups += [
        {
            "score_id": "engagement",
            "group_id": f"group_{number}",
            "min_points": "-40",
            "max_points": "60",
            "label_en": "",
            "label_ja": "",
        }
        for number in range(GROUPS)
    ]
    _write(folder / "scoring_rules.csv", rules)
    _write(folder / "rule_conditions.csv", conditions)
    _write(folder / "score_groups.csv", groups)
    return folder


def _event_rule(number: int, growth: Growth) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Rule `number` and its conditions, as rows of the two seeds."""
    base = number % BASE_RULES if growth is Growth.PRODUCT else number
    event_type = EVENT_TYPES[base % len(EVENT_TYPES)]
    decay, decay_days, decay_percent = DECAYS[(base + base // 4) % len(DECAYS)]
    repeats = base % 3 != 0
    rule_id = f"rule_{number:04d}"
    rule = {
        "rule_id": rule_id,
        "score_id": "engagement",
        "group_id": f"group_{number % GROUPS}",
        "applies_to": "event",
        "event_type": event_type,
        "points": str(-10 if event_type == "email_unsubscribed" else 1 + number % 9),
        "repeat": "each" if repeats else "once",
        "min_count": "3" if base % 7 == 6 else "",
        "max_count": str(3 + base % 8) if repeats and base % 2 else "",
        "window_days": WINDOWS[(base + base // 7) % len(WINDOWS)],
        "decay": decay,
        "decay_days": decay_days,
        "decay_percent": decay_percent,
    }
    choices = CONDITIONS.get(event_type, (None,))
    conditions = [choices[(base // 5) % len(choices)]]
    if growth is Growth.PRODUCT and number >= BASE_RULES:
        product = (number // BASE_RULES - 1) % PRODUCTS
        conditions.append(("event.product", "equals", f"product_{product:02d}"))
    return rule, [
        {
            "rule_id": rule_id,
            "alternative": "1",
            "field": condition[0],
            "operator": condition[1],
            "value": condition[2],
        }
        for condition in conditions
        if condition
    ]


def _read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def _write(file: Path, rows: list[dict[str, str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
