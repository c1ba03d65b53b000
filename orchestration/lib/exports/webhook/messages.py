"""The body of a message, from a template."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from orchestration.lib.problems import InputError, Problem

_TEMPLATES = Path(__file__).parent / "templates"
_FORMS = {"generic": "json", "slack": "json", "teams": "json", "chatwork": "txt"}
_TEAMS_MARKS = re.compile(r"([\\`*_{}\[\]()#+!|<>~])")


@dataclass(frozen=True)
class Message:
    """What is sent: bytes and their content type."""

    body: bytes
    content_type: str


class MessageTemplate:
    """A template of this project, or one of a team's own (a file `*.json.j2` or `*.txt.j2`).

    It sees `fields`, `labels`, `link`, `id` and `sent_at`.

    Raises:
        InputError: there is no such template, or it is broken.
    """

    def __init__(self, name: str, folder: Path, labels: Mapping[str, str]) -> None:
        self.name = name
        self.labels = dict(labels)
        file = _TEMPLATES / f"{name}.{_FORMS[name]}.j2" if name in _FORMS else folder / name
        self.is_json = file.name.endswith(".json.j2")
        environment = ImmutableSandboxedEnvironment(
            undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True
        )
        environment.filters.update(
            {"slack": slack_text, "teams": teams_text, "chatwork": chatwork_text}
        )
        try:
            self._template = environment.from_string(file.read_text(encoding="utf-8"))
        except OSError:
            raise InputError(
                Problem(
                    f"template: '{name}' is neither a template of this project nor a file beside"
                    " exports.yml.",
                    f"Known: {', '.join(_FORMS)}.",
                )
            ) from None
        except TemplateError as error:
            raise InputError(
                Problem(f"template: {file.name} is broken ({type(error).__name__}).", "Correct it.")
            ) from None

    def render(
        self, fields: Mapping[str, str | None], link: str | None, message_id: str, sent_at: str
    ) -> Message:
        """The message of one row.

        Raises:
            ValueError: the template asks for a field that is not mapped, or makes no valid JSON.
        """
        try:
            text = self._template.render(
                fields=dict(fields), labels=self.labels, link=link, id=message_id, sent_at=sent_at
            )
        except TemplateError as error:
            raise ValueError(f"The template failed with {type(error).__name__}.") from None
        if not self.is_json:
            return Message(text.strip().encode(), "text/plain; charset=utf-8")
        try:
            content = json.loads(text)
        except ValueError:
            raise ValueError("The template makes no valid JSON.") from None
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return Message(body.encode(), "application/json")


def slack_text(value: object) -> str:
    """Text that Slack shows as it stands: no mention, no link."""
    text = "" if value is None else str(value)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([*_~`])", "\u200b\\1", text)


def teams_text(value: object) -> str:
    """Text that an adaptive card shows as it stands: no Markdown."""
    return _TEAMS_MARKS.sub(r"\\\1", "" if value is None else str(value))


def chatwork_text(value: object) -> str:
    """Text that Chatwork shows as it stands: no tag, above all no [toall]."""
    text = "" if value is None else str(value)
    return text.replace("[", "［").replace("]", "］")
