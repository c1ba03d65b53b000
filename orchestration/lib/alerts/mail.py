"""Alerts by e-mail."""

from __future__ import annotations

import smtplib
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from orchestration.lib.alerts.channels import PREFIX, ChannelFailed, is_loopback
from orchestration.lib.alerts.messages import Message

ATTEMPTS = 3
_SECONDS = 10.0
_PORTS = {"starttls": 587, "tls": 465, "none": 25}


class _Later(Exception):  # noqa: N818 - for the retries alone
    """The server may take the message in a moment."""


@dataclass(frozen=True)
class Mail:
    """Sends by a mail server, encrypted unless that is this machine.

    `security` is starttls, tls or none; `password` is sent to nobody without encryption but this
    machine.
    """

    host: str
    port: int
    security: str
    sender: str
    recipients: tuple[str, ...]
    user: str | None = None
    password: str | None = None
    sleep: Callable[[float], None] = time.sleep
    name: str = "email"

    def send(self, message: Message) -> None:
        """Send a message, trying three times while the server is busy or out of reach.

        Raises:
            ChannelFailed: it was not taken.
        """
        letter = _letter(self, message)
        attempts = Retrying(
            retry=retry_if_exception_type(_Later),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_exponential(multiplier=2, max=10),
            sleep=self.sleep,
            reraise=True,
        )
        try:
            attempts(self._hand_over, letter)
        except _Later as error:
            raise ChannelFailed(f"the mail server {self.host} {error}") from None

    def _hand_over(self, letter: EmailMessage) -> None:
        try:
            with self._connection() as server:
                if self.security == "starttls":
                    server.starttls(context=ssl.create_default_context())
                if self.user is not None:
                    server.login(self.user, self.password or "")
                refused = server.send_message(letter)
        except ssl.SSLError:
            raise ChannelFailed(f"the mail server {self.host} proves no identity by TLS") from None
        except smtplib.SMTPResponseException as error:
            said = f"answered {error.smtp_code}"
            if 400 <= error.smtp_code < 500:
                raise _Later(said) from None
            raise ChannelFailed(f"the mail server {self.host} {said}") from None
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            if isinstance(error, smtplib.SMTPException) and not isinstance(
                error, smtplib.SMTPServerDisconnected
            ):
                raise ChannelFailed(
                    f"the mail server {self.host} refused the message ({type(error).__name__})"
                ) from None
            raise _Later(f"cannot be reached ({type(error).__name__})") from None
        if refused:
            raise ChannelFailed(
                f"the mail server {self.host} refused {len(refused)} of {len(self.recipients)}"
                " recipients"
            )

    def _connection(self) -> smtplib.SMTP:
        if self.security == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, timeout=_SECONDS, context=context)
        return smtplib.SMTP(self.host, self.port, timeout=_SECONDS)


def mail_channel(values: Mapping[str, str]) -> Mail | None:
    """The mail channel of the environment, None if nobody is to be written to.

    Raises:
        ChannelFailed: a variable is missing or cannot be used.
    """
    recipients = tuple(
        text.strip() for text in values.get(f"{PREFIX}EMAIL_TO", "").split(",") if text.strip()
    )
    if not recipients:
        return None
    missing = [
        f"{PREFIX}{name}" for name in ("EMAIL_FROM", "SMTP_HOST") if f"{PREFIX}{name}" not in values
    ]
    if missing:
        raise ChannelFailed(f"{PREFIX}EMAIL_TO needs {' and '.join(missing)} too")
    sender, host = values[f"{PREFIX}EMAIL_FROM"], values[f"{PREFIX}SMTP_HOST"]
    for name, texts in ((f"{PREFIX}EMAIL_TO", recipients), (f"{PREFIX}EMAIL_FROM", (sender,))):
        if not all(_is_address(text) for text in texts):
            raise ChannelFailed(f"{name} is no e-mail address, or several without commas")
    security = values.get(f"{PREFIX}SMTP_SECURITY", "starttls").lower()
    if security not in _PORTS:
        raise ChannelFailed(f"{PREFIX}SMTP_SECURITY must be one of {', '.join(_PORTS)}")
    if security == "none" and not is_loopback(host):
        raise ChannelFailed(f"{PREFIX}SMTP_SECURITY none is for a server on this machine alone")
    port = values.get(f"{PREFIX}SMTP_PORT", str(_PORTS[security]))
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ChannelFailed(f"{PREFIX}SMTP_PORT is no port")
    return Mail(
        host,
        int(port),
        security,
        sender,
        recipients,
        values.get(f"{PREFIX}SMTP_USER"),
        values.get(f"{PREFIX}SMTP_PASSWORD"),
    )


def _is_address(text: str) -> bool:
    try:
        address = Address(addr_spec=text)
    except (ValueError, IndexError, MessageError):
        return False
    return bool(address.username and address.domain)


def _letter(mail: Mail, message: Message) -> EmailMessage:
    letter = EmailMessage()
    letter["Subject"] = " ".join(message.title.split())
    letter["From"] = mail.sender
    letter["To"] = ", ".join(mail.recipients)
    letter["Date"] = formatdate(localtime=False)
    # The same in every attempt, so that a message that arrives twice is seen to be one.
    letter["Message-ID"] = make_msgid(domain=mail.sender.rpartition("@")[2])
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content("\n".join(message.lines) + "\n")
    return letter
