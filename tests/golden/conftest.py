"""Golden tests build as the orchestration tests do."""

from tests.orchestration.conftest import build, persons

__all__ = ["build", "persons"]
