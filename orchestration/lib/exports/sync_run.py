"""One sync of an export: compare, look at limits, send, write down."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import duckdb

from orchestration.lib.builds.reporting import Reporter
from orchestration.lib.exports.desired_rows import ModelColumns, make_desired_rows
from orchestration.lib.exports.destination import Destination
from orchestration.lib.exports.exclusions import Exclusions
from orchestration.lib.exports.file.writing import write_file
from orchestration.lib.exports.guards import Stop, find_stop
from orchestration.lib.exports.plan import PlanCounts, make_plan
from orchestration.lib.exports.preview import read_examples
from orchestration.lib.exports.recording import begin_run, take_as_done
from orchestration.lib.exports.request import ExportRequest
from orchestration.lib.exports.results import Outcome, SyncResult
from orchestration.lib.exports.run_log import (
    RunStamp,
    backlog,
    backlog_since,
    close_interrupted_runs,
    earlier_rows,
    end_run,
    moment,
    record_stopped_run,
)
from orchestration.lib.exports.sending import Sent, send_due
from orchestration.lib.exports.sync import Sync
from orchestration.lib.publishing.manifest import RunManifest
from orchestration.lib.settings import Settings


@dataclass
class SyncRun:
    """One sync of one export; `connection` has the snapshot and the state attached."""

    connection: duckdb.DuckDBPyConnection
    settings: Settings
    request: ExportRequest
    reporter: Reporter
    manifest: RunManifest
    sync: Sync
    columns: ModelColumns

    def run(self, exclusions: Exclusions, destination: Destination | None) -> SyncResult:
        """Compare, and unless it is a dry run or a limit stops it, send; a file needs no client."""
        now = datetime.now(UTC)
        stamp = RunStamp(
            f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}",
            self.sync,
            self.sync.mapping_hash(self.settings.language),
            self.manifest.run_id,
            now,
            self.request.accept_reason,
        )
        if not self.request.is_dry_run:
            close_interrupted_runs(self.connection, self.sync, now)
        counts, skipped = self._plan(now)
        stop = find_stop(
            self.sync, counts, earlier_rows(self.connection, self.sync), exclusions, now
        )
        if stop is not None and self.request.accept_reason and stop.can_be_accepted:
            stop = None
        result = self._result(stamp, counts, exclusions, skipped)
        if self.request.is_dry_run:
            return self._previewed(result, stop)
        if stop is not None:
            record_stopped_run(self.connection, stamp, counts, stop.code, " ".join(stop.lines))
            return replace(
                result, outcome="failed", stop=(stop.code, "\n".join(stop.lines)), sent={}
            )
        begin_run(self.connection, stamp, counts)
        if skipped:
            take_as_done(self.connection, stamp)
        if destination is None:
            return self._written(result, stamp, counts)
        return self._sent(result, stamp, counts, destination)

    def _plan(self, now: datetime) -> tuple[PlanCounts, int]:
        """Counts of the plan, and how many rows a first run takes for done."""
        make_desired_rows(self.connection, self.sync, self.settings.language, self.columns)
        options = self.request.plan_options
        counts = make_plan(self.connection, self.sync, self.settings.language, options, moment(now))
        is_first = earlier_rows(self.connection, self.sync) is None and not counts.acked
        if self.sync.first_run == "send" or not is_first or not counts.due:
            return counts, 0
        self.connection.execute(
            "update plan set action = 'skipped', seq = null where action in ('create', 'update')"
        )
        skipped = counts.of("create", "update")
        by_action = {
            name: rows
            for name, rows in counts.by_action.items()
            if name not in ("create", "update")
        }
        return replace(counts, due=0, by_action={**by_action, "skipped": skipped}), skipped

    def _result(
        self, stamp: RunStamp, counts: PlanCounts, exclusions: Exclusions, skipped: int
    ) -> SyncResult:
        notices = []
        if counts.resent:
            notices.append(
                f"The mapping changed: {counts.resent:,} rows are sent again because of it."
            )
        if exclusions.is_evaluated and self.columns.has_leads:
            notices.append(
                f"Exclusions were judged anew: {len(exclusions.changed):,} inputs changed since the"
                " snapshot was built."
            )
        if skipped:
            notices.append(f"First run: {skipped:,} rows are taken as done, nothing is sent.")
        if standing := counts.of("rejected_before"):
            notices.append(
                f"{standing:,} rows stay rejected; correct them or the mapping, or try them again"
                " with --retry-rejected."
            )
        if waiting := counts.of("waiting"):
            notices.append(f"{waiting:,} rows were put off and are not due again yet.")
        return SyncResult(
            sync=self.sync.name,
            destination=self.sync.destination,
            object_name=self.sync.object_name,
            is_dry_run=self.request.is_dry_run,
            outcome="success",
            run_id=None if self.request.is_dry_run else stamp.run_id,
            snapshot_run_id=self.manifest.run_id,
            rows=counts.rows,
            due=counts.due,
            resent=counts.resent,
            backlog=backlog(self.connection, self.sync),
            actions=counts.by_action,
            errors=counts.by_error,
            notices=tuple(notices),
            changed=exclusions.changed,
            backlog_since=backlog_since(self.connection, self.sync),
            limits=self.sync.limits,
        )

    def _previewed(self, result: SyncResult, stop: Stop | None) -> SyncResult:
        examples = read_examples(
            self.connection,
            self.settings,
            self.sync.columns(self.settings.language),
            shows_values=self.request.shows_values,
        )
        return replace(
            result,
            outcome="success" if stop is None else "failed",
            stop=None if stop is None else (stop.code, "\n".join(stop.lines)),
            examples=examples,
        )

    def _written(self, result: SyncResult, stamp: RunStamp, counts: PlanCounts) -> SyncResult:
        """A file is written whole, if anything in it changed or it is gone."""
        written = write_file(
            self.connection,
            self.settings,
            stamp,
            self.columns,
            self.manifest.as_of_date,
            self.reporter,
        )
        new_invalid = self._new_invalid(stamp)
        outcome: Outcome = "partial" if new_invalid else "success"
        end_run(self.connection, stamp, written.counts, outcome)
        notices = (*result.notices, *written.notices)
        return replace(
            result,
            outcome=outcome,
            sent=written.counts,
            file=str(written.file),
            notices=notices,
            backlog=backlog(self.connection, self.sync),
            backlog_since=backlog_since(self.connection, self.sync),
        )

    def _sent(
        self, result: SyncResult, stamp: RunStamp, counts: PlanCounts, destination: Destination
    ) -> SyncResult:
        mapping = self.sync.columns(self.settings.language)
        sent = send_due(self.connection, destination, stamp, mapping, counts.due, self.reporter)
        outcome = self._outcome(sent, self._new_invalid(stamp))
        end_run(self.connection, stamp, sent.counts, outcome, sent.stop, sent.resume_at)
        return replace(
            result,
            outcome=outcome,
            sent=dict(sent.counts),
            errors={**result.errors, **sent.errors},
            stop=sent.stop,
            resume_at=sent.resume_at,
            backlog=backlog(self.connection, self.sync),
            backlog_since=backlog_since(self.connection, self.sync),
        )

    def _outcome(self, sent: Sent, new_invalid: int) -> Outcome:
        """Success only if all that was due was accepted; failed if nothing was."""
        is_whole = sent.accepted == sent.due and sent.stop is None and not new_invalid
        if is_whole:
            return "success"
        return "failed" if sent.due and not sent.accepted else "partial"

    def _new_invalid(self, stamp: RunStamp) -> int:
        """Rows that cannot be sent and could be, or were not there, before this run."""
        row = self.connection.execute(
            "select count(*) from plan where action = 'invalid'"
            " and (old_status is distinct from 'invalid' or tried_hash <> desired_hash)"
        ).fetchone()
        return 0 if row is None else int(row[0])
