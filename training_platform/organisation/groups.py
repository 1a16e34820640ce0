"""Groups of people, as far as figures about them are shown."""

from __future__ import annotations

SMALLEST = 5
"""People below which nothing is said of a group."""
