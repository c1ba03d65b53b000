"""Golden tests build as the orchestration tests do."""

from tests.orchestration.conftest import build

__all__ = ["build"]
