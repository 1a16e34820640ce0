"""The published list of revocations (W3C Bitstring Status List v1.0): one bit a certificate, compressed; pure."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Collection, Mapping
from typing import Any

SIZE = 131_072
"""Bits of a list: the least that the standard allows, so that one bit does not single anybody out."""


def encoded(revoked: Collection[int]) -> str:
    """Return the multibase (base64url) of the compressed bits; the first index is the left-most bit."""
    bits = bytearray(SIZE // 8)
    for index in revoked:
        bits[index // 8] |= 0x80 >> (index % 8)
    return "u" + base64.urlsafe_b64encode(gzip.compress(bytes(bits), mtime=0)).rstrip(b"=").decode()


def credential(address: str, issuer: Mapping[str, Any], valid_from: str, revoked: Collection[int]) -> dict[str, Any]:
    """Return the list as an unsigned credential."""
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": dict(issuer),
        "validFrom": valid_from,
        "credentialSubject": {
            "id": f"{address}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encoded(revoked),
        },
    }
