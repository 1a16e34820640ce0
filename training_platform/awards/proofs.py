"""Signatures of credentials: JSON Web Token (VC-JOSE-COSE) and embedded Data Integrity proof (eddsa-jcs-2022); pure.

Sources: W3C Securing Verifiable Credentials using JOSE and COSE; W3C Data Integrity EdDSA Cryptosuites v1.0, section 3.3;
RFC 8785 (JSON canonicalization); RFC 8037 (Ed25519 in JOSE).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import base58
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

Document = dict[str, Any]

ALGORITHM = "EdDSA"
"""The name that wallets and validators know; RFC 9864 prefers "Ed25519", few read it yet."""
MULTICODEC_ED25519 = b"\xed\x01"


class BadProofError(ValueError):
    """The signature is not that of this text by this key."""


def multikey(public: Ed25519PublicKey) -> str:
    """Return a public key as publicKeyMultibase (W3C Controlled Identifiers: multicodec, base58btc)."""
    return "z" + base58.b58encode(MULTICODEC_ED25519 + public.public_bytes_raw()).decode()


def with_proof(document: Mapping[str, Any], private: Ed25519PrivateKey, method: str, created: str) -> Document:
    """Return the document with a Data Integrity proof; ``method`` is the address of the public key."""
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "created": created,
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
        "@context": document["@context"],
    }
    signature = private.sign(_hashed(options, document))
    return {**document, "proof": {**options, "proofValue": "z" + base58.b58encode(signature).decode()}}


def check_proof(signed: Mapping[str, Any], public: Ed25519PublicKey) -> None:
    """Raise BadProofError unless the document carries a Data Integrity proof of this key over exactly this text."""
    proof = the_proof(signed)
    if proof is None or proof.get("cryptosuite") != "eddsa-jcs-2022":
        raise BadProofError("no eddsa-jcs-2022 proof")
    options = {key: value for key, value in proof.items() if key != "proofValue"}
    document = {key: value for key, value in signed.items() if key != "proof"}
    try:
        signature = base58.b58decode(str(proof.get("proofValue", "")).removeprefix("z"))
        public.verify(signature, _hashed(options, document))
    except (InvalidSignature, ValueError) as error:
        raise BadProofError("the proof does not fit the document") from error


def the_proof(signed: Mapping[str, Any]) -> Document | None:
    """Return the proof of a document that carries one, by itself or as a list of one (as Open Badges asks)."""
    proof = signed.get("proof")
    if isinstance(proof, list) and len(proof) == 1:
        proof = proof[0]
    return proof if isinstance(proof, dict) else None


def _hashed(options: Mapping[str, Any], document: Mapping[str, Any]) -> bytes:
    """Return what is signed: the SHA-256 of the canonical options, then that of the canonical document."""
    return b"".join(hashlib.sha256(rfc8785.dumps(dict(part))).digest() for part in (options, document))


def as_token(document: Mapping[str, Any], private: Ed25519PrivateKey, method: str) -> str:
    """Return the document as a signed token of type ``vc+jwt``."""
    key = OKPKey.import_key(private)
    header = {"alg": ALGORITHM, "typ": "vc+jwt", "cty": "vc", "kid": method}
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return jws.serialize_compact(header, text.encode(), key, algorithms=[ALGORITHM])


def key_named(token: str) -> str:
    """Return the key that a token says it was signed with, unchecked; raise BadProofError."""
    try:
        return str(jws.extract_compact(token.encode()).protected.get("kid", ""))
    except (JoseError, ValueError) as error:
        raise BadProofError("not a token") from error


def read_token(token: str, public: Ed25519PublicKey) -> Document:
    """Return the document of a token signed by this key; raise BadProofError."""
    try:
        found = jws.deserialize_compact(token.encode(), OKPKey.import_key(public), algorithms=[ALGORITHM])
        document = json.loads(found.payload)
    except (JoseError, ValueError) as error:
        raise BadProofError("the signature does not fit the token") from error
    if not isinstance(document, dict):
        raise BadProofError("the token holds no credential")
    return document
