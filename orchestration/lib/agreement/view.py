"""What the pages of the agreement say, in words, from the seeds that are in force on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from orchestration.lib.agreement.words import Words
from orchestration.lib.seeds.field_names import needed_fields
from orchestration.lib.seeds.period_checks import is_in_force
from orchestration.lib.seeds.policy_checks import points_of
from orchestration.lib.seeds.tables import SeedRow, SeedSet

# The table in which people answer outside the CRM.
_ANSWERS = "feedback"


@dataclass(frozen=True)
class View:
    """The content of a page for its template."""

    seed_set: SeedSet
    words: Words
    day: date

    def content(self) -> dict[str, Any]:
        """Every section by its name."""
        return {
            "agreement": self._agreement(),
            "grades": self._grades(),
            "stages": self._stages(),
            "settings": [
                self.words.filled_label(row, row.cells["setting_value"])
                for row in self._rows("handoff_settings")
            ],
            "teams": self._teams(),
            "promises": self._promises(),
            "calendars": self._calendars(),
            "contacts": self._dispositions(None),
            "reasons": self._reasons(),
            "programs": self._programs(),
            "lifecycle": self._lifecycle(),
            "targets": self._targets(),
        }

    def _rows(self, seed: str) -> list[SeedRow]:
        """The rows of a seed that are in force, in their order."""
        day = self.day.isoformat()
        rows = [row for row in self.seed_set.tables[seed].rows if is_in_force(row, day)]
        if "sort_order" in self.seed_set.tables[seed].spec.column_names:
            rows.sort(key=lambda row: int(row.cells["sort_order"] or 0))
        return rows

    def _agreement(self) -> dict[str, Any] | None:
        begun = [
            row
            for row in self.seed_set.tables["agreements"].rows
            if (row.cells["valid_from"] or "") <= self.day.isoformat()
        ]
        if not begun:
            return None
        row = max(begun, key=lambda row: row.cells["valid_from"] or "")
        return {
            **row.cells,
            "marketing_role": self.words.word("role", row.cells["marketing_role"]),
            "sales_role": self.words.word("role", row.cells["sales_role"]),
            "note": self.words.label(row, "note"),
        }

    def _grades(self) -> list[dict[str, Any]]:
        rows = [row for row in self._rows("grades") if row.cells["grade_set"] == "main"]
        return [
            {
                "grade": row.cells["grade"],
                "temperature": self.words.word("temperature", row.cells["temperature"]),
                "route": self.words.word("route", row.cells["route"]),
            }
            for row in sorted(rows, key=lambda row: int(row.cells["priority"] or 0))
        ]

    def _stages(self) -> list[dict[str, Any]]:
        return [
            {
                "label": self.words.label(row),
                "from_role": self.words.word("role", row.cells["from_role"]),
                "to_role": self.words.word("role", row.cells["to_role"]),
                "policies": [
                    self._policy(policy)
                    for policy in self._rows("handoff_policies")
                    if policy.cells["handoff_stage"] == row.cells["handoff_stage"]
                ],
                "routes": [
                    self._route(route)
                    for route in self._rows("routing_rules")
                    if route.cells["handoff_stage"] == row.cells["handoff_stage"]
                ],
                "answers": self._dispositions(row.cells["handoff_stage"]),
            }
            for row in self._rows("handoff_stages")
        ]

    def _policy(self, row: SeedRow) -> dict[str, Any]:
        cells, words = row.cells, self.words
        needed = needed_fields(cells["required_fields"]) if cells["required_fields"] else []
        return {
            "label": words.label(row),
            "motion": words.named("motions", "motion", cells["motion"]),
            "rules": self._rule_labels(cells["enter_rules"]),
            "grades": words.any_of((cells["enter_grades"] or "").split("|")),
            "points": self._points(cells["enter_points"]),
            "dispositions": words.any_of(
                self._disposition(item) for item in (cells["enter_dispositions"] or "").split("|")
            ),
            "on_recontact_date": cells["enter_on_recontact_date"] == "true",
            "stay_grades": words.any_of((cells["stay_grades"] or "").split("|")),
            "stay_points": self._points(cells["stay_points"]),
            "min_days_above": int(cells["min_days_above"] or 0),
            "fill_only": cells["fill_only"] == "true",
            "cool_down_days": int(cells["cool_down_days"] or 0),
            "min_new_points": words.number(cells["min_new_points"] or "0"),
            "bypass": self._rule_labels(cells["bypass_rules"]),
            "is_bypass_of_requests": self._is_of_requests(cells["bypass_rules"]),
            "blocked": self._rule_labels(cells["blocked_by_rules"]),
            "required": words.all_of(
                words.any_of(words.field(field) for field in fields) for fields in needed
            ),
            "conditions": words.conditions(
                self.seed_set.tables["policy_conditions"], cells["policy_id"]
            ),
            "promise": words.named("service_levels", "service_level_id", cells["service_level_id"]),
        }

    def _is_of_requests(self, rules: str | None) -> str | None:
        """The label of the first policy that the same rules let leads into."""
        for row in self._rows("handoff_policies"):
            if rules is not None and row.cells["enter_rules"] == rules:
                return self.words.label(row)
        return None

    def _rule_labels(self, rules: str | None) -> list[str]:
        return [
            self.words.named("scoring_rules", "rule_id", rule)
            for rule in (rules.split("|") if rules else ())
        ]

    def _points(self, text: str | None) -> str:
        return self.words.all_of(
            f"{self.words.named('score_definitions', 'score_id', score)} {points:,f}"
            for score, points in points_of(text).items()
        )

    def _disposition(self, disposition: str) -> str:
        for row in self.seed_set.tables["disposition_values"].rows:
            if row.cells["disposition"] == disposition and row.cells["handoff_stage"] is not None:
                return self.words.label(row)
        return disposition

    def _route(self, row: SeedRow) -> dict[str, Any]:
        cells = row.cells
        is_team = cells["method"] == "team_turn"
        return {
            "label": self.words.label(row),
            "method": cells["method"],
            "team": self.words.named("sales_teams", "team_id", cells["target"]) if is_team else "",
            # A label that says the number needs no second one.
            "days": cells["target"]
            if cells["method"] == "last_touch_owner"
            and (cells["target"] or "") not in self.words.label(row)
            else "",
            "conditions": self.words.conditions(
                self.seed_set.tables["routing_conditions"], cells["route_id"]
            ),
        }

    def _teams(self) -> list[dict[str, Any]]:
        capacity = {
            row.cells["team_id"]: row.cells["leads_per_week"]
            for row in self._rows("sales_capacity")
        }
        members = self._rows("sales_members")
        return [
            {
                "label": self.words.label(row),
                "role": self.words.word("role", row.cells["role"]),
                "weights": " : ".join(
                    member.cells["turn_weight"] or "0"
                    for member in members
                    if member.cells["team_id"] == row.cells["team_id"]
                ),
                "member_count": sum(
                    member.cells["team_id"] == row.cells["team_id"] for member in members
                ),
                "capacity": capacity.get(row.cells["team_id"]),
            }
            for row in self._rows("sales_teams")
        ]

    def _promises(self) -> list[dict[str, Any]]:
        hours = [
            "first_attempt_hours",
            "remind_after_hours",
            "escalate_after_hours",
            "reassign_after_hours",
        ]
        return [
            {
                **row.cells,
                **{name: self.words.number(row.cells[name]) for name in hours},
                "label": self.words.label(row),
            }
            for row in self._rows("service_levels")
        ]

    def _calendars(self) -> list[dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for row in self._rows("business_hours"):
            cells = row.cells
            calendar = found.setdefault(
                cells["calendar_id"] or "",
                {"time_zone": cells["time_zone"], "days": {}, "closed": []},
            )
            day = calendar["days"].setdefault(int(cells["weekday"] or 0), [])
            day.append((cells["opens_at"], cells["closes_at"]))
        for name, calendar in found.items():
            calendar["label"] = self.words.any_of(
                self.words.label(team)
                for team in self._rows("sales_teams")
                if team.cells["calendar_id"] == name
            )
            calendar["hours"] = self._week(calendar["days"])
            calendar["closed"] = self._closures(name)
        return list(found.values())

    def _week(self, days: dict[int, list[tuple[str, str]]]) -> list[dict[str, Any]]:
        """Weekdays in a row with the same hours as one line."""
        lines: list[dict[str, Any]] = []
        for weekday, intervals in sorted(days.items()):
            hours = sorted(intervals)
            name = self.words.word("weekday", str(weekday))
            if lines and lines[-1]["hours"] == hours and lines[-1]["until"] == weekday - 1:
                lines[-1] |= {"last": name, "until": weekday}
            else:
                lines.append({"first": name, "last": None, "until": weekday, "hours": hours})
        return lines

    def _closures(self, calendar_id: str) -> list[dict[str, Any]]:
        """Closed days of the year that begins with the day of the page; weekends are left out."""
        begin, end = self.day, self.day.replace(year=self.day.year + 1, day=1)
        open_days = {
            int(row.cells["weekday"] or 0)
            for row in self._rows("business_hours")
            if row.cells["calendar_id"] == calendar_id
        }
        rows = [
            (date.fromisoformat(row.cells["holiday_date"] or ""), row)
            for row in self._rows("business_holidays")
            if row.cells["calendar_id"] == calendar_id
        ]
        return [
            {"day": day, "label": self.words.label(row)}
            for day, row in sorted(rows, key=lambda pair: pair[0])
            if begin <= day < end and day.isoweekday() in open_days
        ]

    def _dispositions(self, stage: str | None) -> list[dict[str, Any]]:
        """Answers of a stage, or without one what is logged as done; each once.

        Answers of a file speak of whatever stage the lead is in; they stand for those of a stage
        that has no words of its own.
        """
        rows = self._rows("disposition_values")
        own = [row for row in rows if row.cells["handoff_stage"] == stage]
        answers = [row for row in rows if row.cells["source_object"] == _ANSWERS]
        if stage is None:
            own = [row for row in own if row.cells["source_object"] != _ANSWERS]
        found = {
            self.words.label(row): {
                "label": self.words.label(row),
                "is_touch": row.cells["counts_as_touch"] == "true",
                "is_reached": row.cells["counts_as_reached"] == "true",
            }
            for row in (own or (answers if stage is not None else []))
        }
        return list(found.values())

    def _reasons(self) -> list[dict[str, Any]]:
        return [
            {
                "label": self.words.label(row),
                "applies_to": self.words.any_of(
                    self.words.word("applies", item)
                    for item in (row.cells["applies_to"] or "").split("|")
                ),
                "next": self._next(row),
                "cool_down_days": int(row.cells["cool_down_days"] or 0),
                "needs_recontact_date": row.cells["needs_recontact_date"] == "true",
                "blames": self.words.word("blames", row.cells["blames"]),
            }
            for row in self._rows("disposition_reasons")
        ]

    def _next(self, row: SeedRow) -> str:
        route, program = row.cells["next_route"], row.cells["program_id"]
        kind = "recontact_alone" if route == "recontact" and program is None else route
        label = self.words.named("nurture_programs", "program_id", program)
        return self.words.word("next", kind).replace("{program}", label)

    def _programs(self) -> list[dict[str, Any]]:
        return [
            {
                "label": self.words.label(row),
                "conditions": self.words.conditions(
                    self.seed_set.tables["nurture_conditions"], row.cells["program_id"]
                ),
                "cadence_days": row.cells["cadence_days"],
                "max_steps": row.cells["max_steps"],
                "channel": " + ".join(
                    self.words.word("channel", channel)
                    for channel in (row.cells["channel"] or "").split("+")
                ),
                "content": self.words.label(row, "content"),
                "needs_email_consent": row.cells["needs_email_consent"] == "true",
                "owner_keeps_lead": row.cells["owner_keeps_lead"] == "true",
            }
            for row in self._rows("nurture_programs")
        ]

    def _lifecycle(self) -> list[dict[str, Any]]:
        return [
            {
                "label": self.words.label(row),
                "definition": self.words.label(row, "definition"),
                "role": self.words.word("role", row.cells["owner_role"]),
            }
            for row in self._rows("lifecycle_stages")
        ]

    def _targets(self) -> dict[str, Any]:
        """Months down, what is counted across; targets of all teams together."""
        rows = [row for row in self._rows("targets") if row.cells["team_id"] is None]
        months = sorted({row.cells["month_start"] or "" for row in rows})
        metrics = list(dict.fromkeys(row.cells["metric"] for row in rows))
        value = {
            (row.cells["month_start"], row.cells["metric"]): row.cells["target"] for row in rows
        }
        return {
            "metrics": [self.words.word("metric", metric) for metric in metrics],
            "months": [
                {
                    "month": month[:7],
                    "values": [self.words.number(value.get((month, metric))) for metric in metrics],
                }
                for month in months
            ],
        }
