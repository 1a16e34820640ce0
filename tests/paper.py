"""PDF files need the system's Pango library; where it is missing, their tests are left out and say so."""

from __future__ import annotations

import pytest


def _has_pango() -> bool:
    try:
        import weasyprint  # noqa: F401 loading it is the question
    except OSError:
        return False
    return True


needs_pango = pytest.mark.skipif(not _has_pango(), reason="no Pango here: install Debian's libpangoft2-1.0-0")
