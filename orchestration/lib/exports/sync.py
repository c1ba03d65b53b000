"""One entry of exports.yml: which rows go where, under which names, within which limits."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

MatchKey = Literal["record_id", "custom_id", "email"]
Mode = Literal["upsert", "update_only", "create_only", "mirror"]
Stop = Literal["scoring", "queue", "nurture", "export"]

_DURATION = re.compile(r"([1-9]\d{0,4})\s*(m|h|d)")
_MINUTES = {"m": 1, "h": 60, "d": 1440}
_SHARE = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*%")
_CRON_FIELD = r"[\d*/,\-]+"
_CRON = re.compile(rf"{_CRON_FIELD}( {_CRON_FIELD}){{2}} [\w*/,\-]+ [\w*/,\-]+")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def _minutes(value: object) -> object:
    if value is None or value is False or value == "off":
        return None
    found = _DURATION.fullmatch(str(value).strip())
    if found is None:
        raise ValueError("write a time such as 90m, 26h or 2d, or off")
    return int(found[1]) * _MINUTES[found[2]]


def _amount(value: object) -> object:
    if value is None or value is False or value == "off":
        return None
    found = _SHARE.fullmatch(str(value).strip())
    if found is not None:
        return Amount(share=float(found[1]) / 100)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("write a number of rows such as 5000, a share such as 30%, or off")
    return Amount(rows=value)


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Amount(_Entry):
    """A number of rows, or a share of them (0 to 1)."""

    rows: int | None = None
    share: float | None = None

    def of(self, total: int) -> int | None:
        """The amount in rows of `total`; None where a share of nothing says nothing."""
        if self.rows is not None:
            return self.rows
        return None if total == 0 or self.share is None else int(total * self.share)

    def __str__(self) -> str:
        return f"{self.rows:,} rows" if self.rows is not None else f"{(self.share or 0) * 100:g} %"


class FieldMapping(_Entry):
    """What becomes of one column.

    Attributes:
        column: column of the model; `{language}` in it stands for the language of the sync.
        round: decimal places of a number.
        min_change: a number that moved by less is no change.
        send_when: `changed`; `filled`, so that an unknown value empties nothing; `with_others`,
            so that a change of this field alone sends no row.
    """

    column: str = Field(min_length=1)
    round: int | None = Field(default=None, ge=0, le=6)
    min_change: float | None = Field(default=None, gt=0)
    send_when: Literal["changed", "filled", "with_others"] = "changed"


class Limits(_Entry):
    """What stops a run before its first call, and what people are alerted about after it.

    Attributes:
        max_transitions: most rows that one run may send; a share is one of the rows accepted
            so far, so it says nothing of a first run.
        max_fall: the most by which the number of rows may fall from one run to the next.
        stale_after: minutes after which data on who may not be contacted are too old.
        may_be_empty: whether a model without rows is in order.
        max_rejected: most rows of a run that the destination may refuse without an alert; a share
            is one of the rows that were due.
        max_backlog_age: minutes that a row may wait to be accepted without an alert.
    """

    max_transitions: Annotated[Amount | None, BeforeValidator(_amount)] = None
    max_fall: Annotated[Amount | None, BeforeValidator(_amount)] = None
    stale_after: Annotated[int | None, BeforeValidator(_minutes)] = None
    may_be_empty: bool = False
    max_rejected: Annotated[Amount | None, BeforeValidator(_amount)] = None
    max_backlog_age: Annotated[int | None, BeforeValidator(_minutes)] = None


class WebhookOptions(_Entry):
    """How a webhook is called; addresses and secrets stand in the environment variables named."""

    url_variable: str = Field(pattern=r"^LEADS_WEBHOOK_[A-Z0-9_]+$")
    secret_variable: str | None = Field(default=None, pattern=r"^LEADS_WEBHOOK_[A-Z0-9_]+$")
    token_variable: str | None = Field(default=None, pattern=r"^LEADS_WEBHOOK_[A-Z0-9_]+$")
    template: str = "generic"
    link: str | None = None

    @model_validator(mode="after")
    def _secrets_fit(self) -> WebhookOptions:
        if self.template == "generic" and self.secret_variable is None:
            raise ValueError("template generic is signed: name a secret_variable")
        if self.template == "chatwork" and self.token_variable is None:
            raise ValueError("template chatwork needs a token_variable")
        return self


class FileOptions(_Entry):
    """How a file is written.

    `answers` adds columns for the verdict of sales (xlsx only), `order_by` names columns of the
    model by which rows are sorted.
    """

    format: Literal["csv", "parquet", "xlsx"]
    answers: bool = False
    order_by: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _answers_need_a_workbook(self) -> FileOptions:
        if self.answers and self.format != "xlsx":
            raise ValueError("answers are asked for in a workbook: set format: xlsx")
        return self


class Sync(_Entry):
    """One entry of exports.yml.

    Attributes:
        name: its key in the file.
        enabled: whether a run that names no destination includes it.
        model: table of the published snapshot; its first column names a row.
        destination: the kind of system.
        object_name: key `object`; an object type, the channel of a webhook, the name of a file.
        match_key: how a row finds its record.
        custom_id_field: the destination's field with unique values, for `custom_id`.
        match_column: column with the value to match by.
        mode: what may happen to records.
        on_gone: for `mirror`, what becomes of a record whose row is gone.
        first_run: `skip` takes what is there at the first run for done.
        stopped_by: what an exclusion has to stop so that a row is held back.
        batch_size: rows a call, at most what the destination takes.
        schedule: cron expression for the orchestrator.
        language: language of texts; the project's by default.
    """

    name: str
    enabled: bool = True
    model: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    destination: Literal["hubspot", "salesforce", "webhook", "file"]
    object_name: str = Field(alias="object", min_length=1, pattern=r"^[\w-]+$")
    match_key: MatchKey | None = None
    custom_id_field: str | None = Field(default=None, pattern=r"^\w+$")
    match_column: str | None = None
    mode: Mode = "upsert"
    on_gone: Literal["delete", "clear", "keep"] | None = None
    first_run: Literal["send", "skip"] = "send"
    stopped_by: tuple[Stop, ...] = ("scoring", "export")
    batch_size: int | None = Field(default=None, ge=1, le=10_000)
    schedule: str | None = None
    language: Literal["en", "ja"] | None = None
    fields: dict[str, FieldMapping] = Field(min_length=1)
    limits: Limits = Limits()
    webhook: WebhookOptions | None = None
    file: FileOptions | None = None

    @field_validator("fields", mode="before")
    @classmethod
    def _short_form(cls, value: object) -> object:
        """`name: column` is short for `name: {column: column}`, a list for equal names."""
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            value = {item.replace("_{language}", ""): item for item in value}
        if not isinstance(value, dict):
            raise ValueError("write `field: column` lines, or a list of columns")
        return {
            name: {"column": entry} if isinstance(entry, str) else entry
            for name, entry in value.items()
        }

    @field_validator("fields")
    @classmethod
    def _names_are_plain(cls, value: dict[str, FieldMapping]) -> dict[str, FieldMapping]:
        for name in value:
            if not _NAME.fullmatch(str(name)):
                raise ValueError(f"'{name}' is no field name: letters, digits and _ only")
        return value

    @field_validator("schedule")
    @classmethod
    def _is_cron(cls, value: str | None) -> str | None:
        if value is not None and not _CRON.fullmatch(value):
            raise ValueError("write a cron expression of five fields, such as '0 6 * * 1-5'")
        return value

    @model_validator(mode="after")
    def _parts_fit(self) -> Sync:
        is_crm = self.destination in ("hubspot", "salesforce")
        if is_crm and self.match_key is None:
            raise ValueError("match_key is missing: record_id, custom_id or email")
        if not is_crm and self.match_key is not None:
            raise ValueError(f"a {self.destination} matches nothing: remove match_key")
        if (self.match_key == "custom_id") != (self.custom_id_field is not None):
            raise ValueError("custom_id_field goes with match_key: custom_id, and only with it")
        if (self.mode == "mirror") != (self.on_gone is not None):
            raise ValueError("on_gone (delete, clear or keep) goes with mode: mirror, only with it")
        for kind, options in (("webhook", self.webhook), ("file", self.file)):
            if (self.destination == kind) != (options is not None):
                raise ValueError(f"a part `{kind}:` goes with destination: {kind}, only with it")
        if self.destination == "file" and self.mode != "upsert":
            raise ValueError("a file is written whole: remove mode")
        if self.destination == "webhook" and self.mode == "mirror":
            raise ValueError("a webhook holds no records to mirror: set another mode")
        if self.match_key == "record_id" and self.mode == "create_only":
            raise ValueError(
                "a record that has an id exists already: set another mode or match_key"
            )
        return self

    @property
    def matched_by(self) -> str:
        """What the destination is told: `record_id`, `email`, or the name of its own field."""
        return self.custom_id_field or self.match_key or "record_id"

    def columns(self, language: str) -> dict[str, FieldMapping]:
        """The mapping with the language filled in."""
        spoken = self.language or language
        return {
            name: field.model_copy(update={"column": field.column.replace("{language}", spoken)})
            for name, field in self.fields.items()
        }

    def mapping_hash(self, language: str) -> str:
        """A hash of all that decides what a row says there; limits and thresholds are no part."""
        columns = {
            name: (field.column, field.round) for name, field in self.columns(language).items()
        }
        parts = (self.destination, self.object_name, self.match_key, self.custom_id_field)
        content = json.dumps([parts, sorted(columns.items())])
        return hashlib.sha256(content.encode()).hexdigest()[:16]
