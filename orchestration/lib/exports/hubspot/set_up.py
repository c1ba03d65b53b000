"""Creating the properties that HubSpot lacks; what is there is compared and never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from orchestration.lib.exports.destination import DestinationStopped
from orchestration.lib.exports.hubspot.account import URL, HubSpotAccount, hubspot_account
from orchestration.lib.exports.hubspot.calls import API_VERSION
from orchestration.lib.exports.hubspot.connection import HubSpotConnection
from orchestration.lib.exports.hubspot.errors import error_code
from orchestration.lib.exports.hubspot.wanted_properties import (
    Option,
    WantedProperty,
    options_json,
    wanted_properties,
)
from orchestration.lib.failures import RunFailed
from orchestration.lib.seeds import load_seeds
from orchestration.lib.settings import Settings

Action = Literal["create_group", "create", "add_options", "differs", "same"]
_EXISTS_STATUS = 409


@dataclass(frozen=True)
class SetUpStep:
    """What is to be done with one property or group, in words for a person.

    `differs` is what a person has to settle; an export may fail on it if `is_blocking`.
    """

    action: Action
    object_name: str
    name: str
    detail: str
    is_blocking: bool = False

    def to_json(self) -> dict[str, object]:
        """The step for scripts."""
        return asdict(self)


@dataclass(frozen=True)
class SetUp:
    """The steps of a set-up, done if `is_applied`, else planned."""

    steps: tuple[SetUpStep, ...]
    is_applied: bool

    @property
    def is_ready(self) -> bool:
        """Whether no property stands in the way of an export."""
        return not any(step.is_blocking for step in self.steps)

    @property
    def changes(self) -> tuple[SetUpStep, ...]:
        """The steps that change something in the account."""
        return tuple(step for step in self.steps if step.action not in ("same", "differs"))


def set_up_hubspot(settings: Settings, environment: Mapping[str, str], *, apply: bool) -> SetUp:
    """Compare crm_properties.csv with the account; with `apply` create what lacks there.

    Never changes the type, the label or an option of a property that is there; missing options
    are added to own choices, those of HubSpot's properties are only named.

    Raises:
        InputError: a seed or a variable of the environment is wrong.
        RunFailed: HubSpot refuses or does not answer. What was created until then stays, and
            the next set-up goes on from there.
    """
    seed_set = load_seeds(settings.project_root / "seeds", settings.rules_dir)
    wanted = wanted_properties(seed_set, settings.language)
    return set_up_properties(hubspot_account(environment), wanted, apply=apply)


def set_up_properties(
    account: HubSpotAccount, wanted: Sequence[WantedProperty], *, apply: bool
) -> SetUp:
    """As `set_up_hubspot`, for these properties of this account."""
    connection = HubSpotConnection(account)
    steps: list[SetUpStep] = []
    try:
        for object_name in dict.fromkeys(each.object_name for each in wanted):
            of_object = [each for each in wanted if each.object_name == object_name]
            steps += _set_up_object(connection, object_name, of_object, apply=apply)
    except DestinationStopped as stopped:
        raise RunFailed([str(stopped), "Run the set-up again: it goes on from here."]) from None
    finally:
        connection.close()
    return SetUp(tuple(steps), apply)


def _set_up_object(
    connection: HubSpotConnection,
    object_name: str,
    wanted: Sequence[WantedProperty],
    *,
    apply: bool,
) -> list[SetUpStep]:
    path = f"/crm/properties/{API_VERSION}/{object_name}"
    held = {str(each["name"]): each for each in _listed(connection, path)}
    groups = {str(each["name"]) for each in _listed(connection, f"{path}/groups")}
    steps: list[SetUpStep] = []
    for each in wanted:
        own = held.get(each.name)
        if own is not None or each.is_of_hubspot:
            steps += _compare(each, own)
            missing = _missing_options(each, own)
            if apply and missing and own is not None and steps[-1].action == "add_options":
                kept = _options_held(own)
                added = options_json(missing, first_order=len(kept))
                _change(connection, "PATCH", f"{path}/{each.name}", {"options": [*kept, *added]})
            continue
        if each.group_name not in groups:
            groups.add(each.group_name)
            steps.append(SetUpStep("create_group", object_name, each.group_name, each.group_label))
            if apply:
                body = {"name": each.group_name, "label": each.group_label}
                _change(connection, "POST", f"{path}/groups", body)
        kind = each.value_type + (f", {len(each.options)} options" if each.options else "")
        steps.append(SetUpStep("create", object_name, each.name, f"{each.label} ({kind})"))
        if apply:
            _change(connection, "POST", path, each.to_json())
    return steps


def _compare(wanted: WantedProperty, held: Mapping[str, object] | None) -> list[SetUpStep]:
    """What a property that is there has of what is wanted; the last step is the one to do."""

    def step(action: Action, detail: str, *, is_blocking: bool = False) -> SetUpStep:
        return SetUpStep(action, wanted.object_name, wanted.name, detail, is_blocking)

    if held is None:
        return [step("differs", "HubSpot's own property is not there.", is_blocking=True)]
    steps: list[SetUpStep] = []
    if held.get("type") != wanted.value_type:
        detail = (
            f"has the type {held.get('type')}, wanted is {wanted.value_type}. It stays as it is: "
            "map another property, or archive this one in HubSpot and run the set-up again."
        )
        return [step("differs", detail, is_blocking=True)]
    if wanted.is_unique and held.get("hasUniqueValue") is not True:
        detail = "does not ask for unique values, so that records cannot be found by it."
        steps.append(step("differs", detail, is_blocking=True))
    if held.get("label") != wanted.label and not wanted.is_of_hubspot:
        steps.append(step("differs", "has another label, which stays."))
    values = {option.value for option in wanted.options}
    surplus = [each for each in _options_held(held) if each.get("value") not in values]
    if wanted.options and surplus and not wanted.is_of_hubspot:
        count = f"{len(surplus)} option{'' if len(surplus) == 1 else 's'}"
        steps.append(step("differs", f"has {count} that no seed names, which stay."))
    missing = _missing_options(wanted, held)
    if not missing:
        return steps or [step("same", wanted.label)]
    named = ", ".join(option.value for option in missing)
    if wanted.is_of_hubspot or _is_read_only(held):
        steps.append(step("differs", f"lacks options, to be added in HubSpot: {named}."))
    else:
        steps.append(step("add_options", named))
    return steps


def _missing_options(
    wanted: WantedProperty, held: Mapping[str, object] | None
) -> tuple[Option, ...]:
    known = {each.get("value") for each in _options_held(held or {})}
    return tuple(option for option in wanted.options if option.value not in known)


def _options_held(held: Mapping[str, object]) -> list[dict[str, object]]:
    options = held.get("options")
    return [each for each in options if isinstance(each, dict)] if isinstance(options, list) else []


def _is_read_only(held: Mapping[str, object]) -> bool:
    rights = held.get("modificationMetadata")
    return isinstance(rights, dict) and rights.get("readOnlyOptions") is True


def _listed(connection: HubSpotConnection, path: str) -> list[dict[str, object]]:
    answer = connection.call("GET", path)
    results = answer.body.get("results") if isinstance(answer.body, dict) else None
    if answer.verdict != "done" or not isinstance(results, list):
        raise RunFailed(
            [
                f"HubSpot did not list what the account has ({answer.code}).",
                f"Look at {URL} and at the network, or try again later.",
            ]
        )
    return [each for each in results if isinstance(each, dict) and "name" in each]


def _change(
    connection: HubSpotConnection, method: str, path: str, body: Mapping[str, object]
) -> None:
    # Created twice, a property is refused the second time, so that a lost answer does no harm.
    answer = connection.call(method, path, body)
    if answer.verdict == "done" or (method == "POST" and answer.status == _EXISTS_STATUS):
        return
    code = error_code(answer.body) or answer.code
    name = body.get("name") or path.rpartition("/")[2]
    raise RunFailed(
        [
            f"HubSpot refused {name} ({code}).",
            "Look at the rights of the token (crm.schemas.…write) and at crm_properties.csv; "
            "what was created before stays, and the next set-up goes on from there.",
        ]
    )
