"""Reading exports.yml: every mistake with file, entry, key and remedy."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from orchestration.lib.exports.sync import Sync
from orchestration.lib.problems import InputError, Problem

_TOP_KEY = "syncs"


class _UniqueKeys(yaml.SafeLoader):
    """Refuses a key that stands twice, of which YAML would silently keep the last."""


def _mapping(loader: _UniqueKeys, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[object] = set()
    for key, _ in node.value:
        name = loader.construct_object(key)
        if name in seen:
            raise yaml.MarkedYAMLError(
                problem=f"'{name}' stands twice", problem_mark=key.start_mark
            )
        seen.add(name)
    loader.flatten_mapping(node)
    return dict(loader.construct_pairs(node))


_UniqueKeys.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_syncs(file: Path) -> tuple[Sync, ...]:
    """The entries of an exports.yml, in its order.

    Raises:
        InputError: with one problem for every mistake.
    """
    content = _load(file)
    if not isinstance(content, dict) or not isinstance(content.get(_TOP_KEY), dict):
        raise InputError(
            Problem("The exports are missing.", f"Write them below `{_TOP_KEY}:`.", file.name)
        )
    problems = [
        Problem(f"key {key}: it is unknown.", f"Known: {_TOP_KEY}.", file.name)
        for key in content
        if key != _TOP_KEY
    ]
    syncs: list[Sync] = []
    for name, entry in content[_TOP_KEY].items():
        if not isinstance(entry, dict):
            problems.append(_problem(file, name, None, "it has no keys.", "Write model, fields …"))
            continue
        try:
            syncs.append(Sync.model_validate({**entry, "name": str(name)}))
        except ValidationError as error:
            problems += [_problem(file, name, *_told(details, entry)) for details in error.errors()]
    if problems:
        raise InputError(problems)
    return tuple(syncs)


def choose_syncs(syncs: tuple[Sync, ...], wanted: str | None, file: Path) -> tuple[Sync, ...]:
    """The syncs of a destination, or the one of a name; without either those that are enabled.

    Raises:
        InputError: nothing answers to the name.
    """
    if wanted is None:
        return tuple(sync for sync in syncs if sync.enabled)
    chosen = tuple(sync for sync in syncs if wanted in (sync.name, sync.destination))
    if not chosen:
        known = sorted({sync.name for sync in syncs} | {sync.destination for sync in syncs})
        close = difflib.get_close_matches(wanted, known, n=1)
        remedy = f"Write '{close[0]}'." if close else f"Known: {', '.join(known)}."
        raise InputError(Problem(f"'{wanted}' is no destination and no entry.", remedy, file.name))
    return chosen


def _load(file: Path) -> object:
    try:
        return yaml.load(file.read_text(encoding="utf-8-sig"), Loader=_UniqueKeys)  # noqa: S506
    except OSError:
        raise InputError(
            Problem(
                f"The file {file} cannot be read.",
                "Name another one with LEADS_EXPORTS, or `exports` in leads.toml.",
            )
        ) from None
    except UnicodeDecodeError:
        raise InputError(Problem("This is no UTF-8.", "Save it as UTF-8.", file.name)) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise InputError(
            Problem(
                f"This is no valid YAML: {error.problem}.",
                "Correct the line.",
                file.name,
                None if mark is None else mark.line + 1,
            )
        ) from None
    except yaml.YAMLError:
        raise InputError(Problem("This is no valid YAML.", "Correct it.", file.name)) from None


def _told(details: Any, entry: dict[str, Any]) -> tuple[str | None, str, str]:
    """Key, message and remedy of one finding of pydantic."""
    place = [str(part) for part in details["loc"]]
    key = ".".join(place) or None
    kind = details["type"]
    if kind == "missing":
        return key, "it is missing.", "Add it."
    if kind == "extra_forbidden":
        known = _known_keys(place[:-1])
        close = difflib.get_close_matches(place[-1], known, n=1)
        remedy = f"Write '{close[0]}'." if close else f"Known: {', '.join(known)}."
        return key, "it is unknown.", remedy
    if kind == "value_error":
        return key, "this does not do.", _sentence(str(details["ctx"]["error"]))
    if kind == "string_pattern_mismatch":
        return (
            key,
            "this is no name that can stand here.",
            (f"It has to match {details['ctx']['pattern']}."),
        )
    return key, "this value is not possible.", _sentence(details["msg"])


def _known_keys(place: list[str]) -> list[str]:
    from orchestration.lib.exports.sync import FieldMapping, FileOptions, Limits, WebhookOptions

    models: dict[str, Any] = {
        "limits": Limits,
        "webhook": WebhookOptions,
        "file": FileOptions,
        "fields": FieldMapping,
    }
    model: Any = models.get(place[0], Sync) if place else Sync
    return [field.alias or name for name, field in model.model_fields.items() if name != "name"]


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _problem(file: Path, entry: object, key: str | None, message: str, remedy: str) -> Problem:
    place = f"entry {entry}" + (f", key {key}" if key else "")
    return Problem(f"{place}: {message}", remedy, file.name)
