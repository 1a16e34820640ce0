"""Addresses that come from outside and lead back inside."""

from __future__ import annotations

from urllib.parse import urlsplit


def safe_next(address: str | None, fallback: str) -> str:
    """Return the address where it is a path of this site, else the fallback (no open redirect)."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")) or "\\" in address:
        return fallback
    parts = urlsplit(address)
    return address.rstrip("?") if not parts.scheme and not parts.netloc else fallback
