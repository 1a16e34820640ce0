"""A certificate as an Open Badges 3.0 credential (W3C Verifiable Credential 2.0): built, signed, verified."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select

from training_platform.awards import keys, proofs, status
from training_platform.awards.keys import Site
from training_platform.awards.models import Award
from training_platform.awards.rules import State, state_of, written
from training_platform.db import db
from training_platform.errors import RefusedError
from training_platform.text import Text

CONTEXTS = ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]
DESCRIPTION = Text(
    "Certificat interne à l'établissement ; il n'emporte pas de reconnaissance par l'État.",
    "A certificate of the hospital itself; it implies no recognition by the state.",
)
LONGEST = 100_000
"""Characters of a credential that is worth reading."""


class BadCredentialError(RefusedError):
    """What was handed in is no credential of this site, or was changed."""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A credential whose signature holds: the certificate as it stands now."""

    number: str
    state: State


def document(award: Award, site: Site, language: str) -> dict[str, Any]:
    """Return the unsigned credential in one language; the holder is named only as agreed, and by a salted hash of the address."""
    name = award.track_name[language]
    address = f"{site.url}/verify/{written(award.number)}"
    return {
        "@context": CONTEXTS,
        "id": address,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": name,
        "issuer": issuer(site, award.issuer_name),
        "validFrom": moment(award.issued_at),
        "validUntil": moment(award.expires_at),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": _identities(award),
            "achievement": {
                "id": f"{address}#achievement",
                "type": ["Achievement"],
                "achievementType": "Certification",
                "inLanguage": language,
                "name": name,
                "description": DESCRIPTION[language],
                "criteria": {"narrative": award.criteria[language]},
                "version": str(award.track_version),
            },
        },
        "credentialStatus": {
            "id": f"{list_address(site, award.status_list)}#{award.status_index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(award.status_index),
            "statusListCredential": list_address(site, award.status_list),
        },
    }


def issuer(site: Site, name: str) -> dict[str, Any]:
    """Return the issuer: the site's identifier, with the name of the unit that it issues for."""
    return {"id": site.did, "type": ["Profile"], "name": name, "url": site.url}


def list_address(site: Site, number: int) -> str:
    """Return where a status list is published."""
    return f"{site.url}/verify/status/{number}"


def moment(value: datetime) -> str:
    """Write a moment as the standards ask (RFC 3339, UTC, whole seconds)."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _identities(award: Award) -> list[dict[str, Any]]:
    salt = award.number
    hashed = hashlib.sha256((award.person.email + salt).encode()).hexdigest()
    found: list[dict[str, Any]] = [
        {
            "type": "IdentityObject",
            "identityType": "emailAddress",
            "hashed": True,
            "salt": salt,
            "identityHash": f"sha256${hashed}",
        }
    ]
    if award.shows_name:
        found.append(
            {"type": "IdentityObject", "identityType": "name", "hashed": False, "identityHash": award.person.name}
        )
    return found


def signed(award: Award, site: Site, language: str, now: datetime) -> dict[str, Any]:
    """Return the credential with its embedded proof, in a list as the schema of Open Badges 3.0 asks."""
    key = keys.signer(site, now)
    unsigned = document(award, site, language)
    proved = proofs.with_proof(unsigned, key.private, site.method(key.kid), moment(award.issued_at))
    return {**proved, "proof": [proved["proof"]]}


def token(award: Award, site: Site, language: str, now: datetime) -> str:
    """Return the credential as a signed token."""
    key = keys.signer(site, now)
    return proofs.as_token(document(award, site, language), key.private, site.web_key(key.kid))


def status_list(number: int, site: Site, now: datetime) -> dict[str, Any]:
    """Return a signed status list."""
    query = select(Award.status_index).where(Award.status_list == number, Award.revoked_at.is_not(None))
    address = list_address(site, number)
    unsigned = status.credential(address, issuer(site, site.name), moment(now), list(db.session.scalars(query)))
    key = keys.signer(site, now)
    return proofs.with_proof(unsigned, key.private, site.method(key.kid), moment(now))


def verify(text: str, site: Site, now: datetime) -> Checked:
    """Check a credential handed in as JSON or token: signature, issuer, and the certificate's state today.

    Raise BadCredentialError where it is none of this site's, was changed, or names a certificate that does not exist.
    """
    found = _authentic(text.strip(), site)
    status_entry = found.get("credentialStatus")
    entry: Mapping[str, Any] = status_entry if isinstance(status_entry, dict) else {}
    award = db.session.scalar(
        select(Award).where(
            Award.status_index == _whole(entry.get("statusListIndex")),
            Award.status_list == _whole(str(entry.get("statusListCredential", "")).rpartition("/")[2]),
        )
    )
    if award is None or found.get("id") != f"{site.url}/verify/{written(award.number)}":
        raise _bad(
            "L'attestation est signée, mais son certificat n'existe plus ici.",
            "The credential is signed, but its certificate no longer exists here.",
        )
    return Checked(number=award.number, state=state_of(award.expires_at, award.revoked_at, now))


def _authentic(text: str, site: Site) -> dict[str, Any]:
    """Return the document of an authentic credential of this site; raise BadCredentialError."""
    if not text or len(text) > LONGEST:
        raise _bad(
            "Collez une attestation : le fichier .json ou .jwt du certificat.",
            "Paste a credential: the .json or .jwt file of the certificate.",
        )
    published = keys.published(site)
    try:
        return _from_json(text, published) if text.startswith("{") else _from_token(text, published)
    except (proofs.BadProofError, ValueError, RecursionError) as error:
        raise _bad(
            "Cette attestation n'est pas signée par ce site, ou son texte a été modifié.",
            "This credential is not signed by this site, or its text was changed.",
        ) from error


def _from_json(text: str, published: Mapping[str, Ed25519PublicKey]) -> dict[str, Any]:
    found = json.loads(text)
    proof = proofs.the_proof(found) or {}
    method = str(proof.get("verificationMethod", ""))
    if method not in published:
        raise proofs.BadProofError("not a key of this site")
    proofs.check_proof(found, published[method])
    return dict(found)


def _from_token(text: str, published: Mapping[str, Ed25519PublicKey]) -> dict[str, Any]:
    method = proofs.key_named(text)
    if method not in published:
        raise proofs.BadProofError("not a key of this site")
    return proofs.read_token(text, published[method])


def _whole(value: object) -> int:
    text = str(value)
    return int(text) if text.isdecimal() and len(text) < 10 else -1


def _bad(fr: str, en: str) -> BadCredentialError:
    return BadCredentialError(Text(fr, en))
