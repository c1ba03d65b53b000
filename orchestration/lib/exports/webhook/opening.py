"""A webhook as exports.yml and the environment describe it."""

from __future__ import annotations

import binascii
from collections.abc import Mapping

from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from orchestration.lib.exports.sync import Sync
from orchestration.lib.exports.texts import export_texts
from orchestration.lib.exports.webhook.destination import WebhookDestination, WebhookTarget
from orchestration.lib.exports.webhook.messages import MessageTemplate
from orchestration.lib.problems import InputError, Problem
from orchestration.lib.settings import Settings

ALLOW_PRIVATE = "LEADS_WEBHOOK_ALLOW_PRIVATE"


def open_webhook(
    sync: Sync, settings: Settings, environment: Mapping[str, str]
) -> WebhookDestination:
    """The endpoint of a sync.

    Raises:
        InputError: a variable is missing or wrong, or there is no such template.
    """
    options = sync.webhook
    if options is None:
        raise ValueError("a webhook has options")
    url = _needed(options.url_variable, environment)
    secret = None
    if options.secret_variable is not None:
        secret = _secret(options.secret_variable, environment)
    token = options.token_variable and _needed(options.token_variable, environment)
    language = sync.language or settings.language
    labels = export_texts(settings, language, "handoff_")
    template = MessageTemplate(options.template, settings.exports.parent, labels)
    allows = environment.get(ALLOW_PRIVATE, "").strip().lower() in ("true", "1", "yes")
    return WebhookDestination(
        WebhookTarget(url, secret, token, template, options.link, allows_private=allows)
    )


def _needed(variable: str, environment: Mapping[str, str]) -> str:
    value = environment.get(variable, "").strip()
    if not value:
        raise InputError(
            Problem(f"variable {variable}: it is missing.", "Set it to what the webhook needs.")
        )
    return value


def _secret(variable: str, environment: Mapping[str, str]) -> Webhook:
    try:
        return Webhook(_needed(variable, environment))
    except (binascii.Error, ValueError, EmptyWebhookSecretError):
        raise InputError(
            Problem(
                f"variable {variable}: this is no secret of Standard Webhooks.",
                "Write whsec_ and the key in base64.",
            )
        ) from None
