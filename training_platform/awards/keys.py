"""The keys that sign credentials: made at set-up, rotated, published for good, private halves sealed."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc.jwk import OKPKey
from sqlalchemy import select

from training_platform.awards.models import SigningKey
from training_platform.awards.proofs import ALGORITHM, multikey
from training_platform.db import db
from training_platform.errors import RefusedError
from training_platform.text import Text


class SealedKeyError(RefusedError):
    """The private key cannot be opened: SECRET_KEY is not the one that sealed it."""


@dataclass(frozen=True, kw_only=True)
class Site:
    """Who signs: the public address of the site, its name, and the secret that seals private keys."""

    url: str
    name: str
    secret: str

    @property
    def did(self) -> str:
        """The identifier of the site (did:web), resolved at /.well-known/did.json."""
        return f"did:web:{quote(urlsplit(self.url).netloc, safe='')}"

    def method(self, kid: str) -> str:
        """The address of one public key, as embedded proofs name it."""
        return f"{self.did}#{kid}"

    def web_key(self, kid: str) -> str:
        """The address of the same key as a JSON Web Key, as tokens name it."""
        return f"{self.did}#{kid}-jwk"


@dataclass(frozen=True, kw_only=True)
class Signer:
    """The key in use."""

    kid: str
    private: Ed25519PrivateKey


def signer(site: Site, now: datetime) -> Signer:
    """Return the key in use, made where there is none; raise SealedKeyError."""
    row = db.session.scalar(select(SigningKey).where(SigningKey.retired_at.is_(None)).order_by(SigningKey.id.desc()))
    row = row or _make(site, now)
    try:
        raw = _box(site).decrypt(row.sealed.encode())
    except InvalidToken as error:
        raise SealedKeyError(
            Text(
                "La clé de signature ne s'ouvre pas : SECRET_KEY a changé. Remettez l'ancienne, ou renouvelez la clé (flask award rotate-key).",
                "The signing key does not open: SECRET_KEY has changed. Put the former one back, or renew the key (flask award rotate-key).",
            )
        ) from error
    return Signer(kid=row.kid, private=Ed25519PrivateKey.from_private_bytes(raw))


def rotate(site: Site, now: datetime) -> str:
    """Retire the keys in use and make a new one; what they signed stays verifiable. Return the new key's name."""
    for row in db.session.scalars(select(SigningKey).where(SigningKey.retired_at.is_(None))):
        row.retired_at = now
    return _make(site, now).kid


def _make(site: Site, now: datetime) -> SigningKey:
    private = Ed25519PrivateKey.generate()
    row = SigningKey(
        kid=OKPKey.import_key(private).thumbprint(),
        public=_base64url(private.public_key().public_bytes_raw()),
        sealed=_box(site).encrypt(private.private_bytes_raw()).decode(),
        created_at=now,
    )
    db.session.add(row)
    db.session.flush()
    return row


def _box(site: Site) -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"sillage signing keys").derive(site.secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def public_key(row: SigningKey) -> Ed25519PublicKey:
    """Return the public half."""
    return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(row.public + "="))


def published(site: Site) -> dict[str, Ed25519PublicKey]:
    """Return every public key by both its addresses, retired ones too."""
    return {address(row.kid): public_key(row) for row in _all() for address in (site.method, site.web_key)}


def _all() -> list[SigningKey]:
    return list(db.session.scalars(select(SigningKey).order_by(SigningKey.id)))


def jwks(site: Site) -> dict[str, Any]:
    """Return the public keys as a JSON Web Key Set (RFC 7517)."""
    return {
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "x": row.public,
                "kid": site.web_key(row.kid),
                "use": "sig",
                "alg": ALGORITHM,
            }
            for row in _all()
        ]
    }


def did_document(site: Site) -> dict[str, Any]:
    """Return the site's did:web document: each key as a Multikey (for embedded proofs) and as a JWK (for tokens)."""
    methods = [
        {
            "id": site.method(row.kid),
            "type": "Multikey",
            "controller": site.did,
            "publicKeyMultibase": multikey(public_key(row)),
        }
        for row in _all()
    ]
    web_keys = [
        {"id": key["kid"], "type": "JsonWebKey", "controller": site.did, "publicKeyJwk": key}
        for key in jwks(site)["keys"]
    ]
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": site.did,
        "verificationMethod": methods + web_keys,
        "assertionMethod": [method["id"] for method in methods + web_keys],
    }
