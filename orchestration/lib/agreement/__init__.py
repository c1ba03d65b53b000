"""The agreement between marketing and sales as pages that everybody can read."""

from orchestration.lib.agreement.page import LANGUAGES, page_name, render_agreement, write_agreement

__all__ = ["LANGUAGES", "page_name", "render_agreement", "write_agreement"]
