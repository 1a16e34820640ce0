"""The QR code of a certificate (ISO/IEC 18004), as a picture that a page or a PDF holds itself."""

from __future__ import annotations

import segno


def qr_address(address: str) -> str:
    """Return the code of an address as a data: picture; a quarter of it may be damaged (level Q)."""
    return str(segno.make(address, error="q", micro=False).svg_data_uri(border=2, dark="#1b2530", light="#ffffff"))
