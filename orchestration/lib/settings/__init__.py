"""What a run is asked to do, and where each value came from."""

from orchestration.lib.settings.resolving import PROJECT_ROOT, resolve_settings
from orchestration.lib.settings.settings import Settings
from orchestration.lib.settings.workdir import Workdir

__all__ = ["PROJECT_ROOT", "Settings", "Workdir", "resolve_settings"]
