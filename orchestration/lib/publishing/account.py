"""Under which account this process runs."""

from __future__ import annotations

import getpass
import os


def account_name() -> str:
    """The name of the account; its number where the machine knows no name, as in containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
