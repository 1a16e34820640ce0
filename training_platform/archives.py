"""Reading zip archives that come from outside."""

from __future__ import annotations

import struct
import zipfile
import zlib

DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, LookupError, RuntimeError, ValueError)
"""What the reading of a zip raises on damaged ones (NotImplementedError is a RuntimeError)."""
