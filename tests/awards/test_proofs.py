"""Signatures against the published test vectors, and against tampering."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import base58
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.awards.making import is_set
from training_platform.awards import proofs, status

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
VECTORS = SAMPLES / "vc" / "vc-di-eddsa-testvectors"
needs_samples = pytest.mark.skipif(not VECTORS.exists(), reason="no ../shared/samples here")


def _vector_key() -> Ed25519PrivateKey:
    pair = json.loads((VECTORS / "keyPair.json").read_text())
    return Ed25519PrivateKey.from_private_bytes(base58.b58decode(pair["privateKeyMultibase"][1:])[2:])


@needs_samples
def test_the_proof_is_that_of_the_w3c_test_vector_byte_for_byte() -> None:
    expected = json.loads((VECTORS / "eddsa-jcs-2022" / "signedJCS.json").read_text())
    proof = expected["proof"]
    unsigned = json.loads((VECTORS / "unsigned.json").read_text())
    assert proofs.with_proof(unsigned, _vector_key(), proof["verificationMethod"], proof["created"]) == expected
    public = _vector_key().public_key()
    proofs.check_proof(expected, public)
    assert proofs.multikey(public) == proof["verificationMethod"].rpartition("#")[2]


@needs_samples
def test_a_status_list_of_the_public_validator_is_read() -> None:
    published = json.loads((SAMPLES / "openbadges3" / "fixtures" / "bit-string-list" / "testlist").read_text())
    encoded = published["credentialSubject"]["encodedList"]
    revoked = json.loads(
        (SAMPLES / "openbadges3" / "fixtures" / "bit-string-list" / "credential-status-revoked.json").read_text()
    )
    assert is_set(encoded, int(revoked["credentialStatus"]["statusListIndex"]))
    assert not is_set(encoded, 0)


DOCUMENT: dict[str, Any] = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "name": "Socle – données",
    "n": [1, 2],
}
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@given(st.data())
@settings(max_examples=60)
def test_a_changed_byte_of_a_proof_fails(data: st.DataObject) -> None:
    signed = json.dumps(proofs.with_proof(DOCUMENT, KEY, "did:web:x#k", "2026-11-28T09:00:00Z"), ensure_ascii=False)
    place = data.draw(st.integers(0, len(signed) - 1))
    other = data.draw(st.characters(min_codepoint=33, max_codepoint=126).filter(lambda c: c != signed[place]))
    changed = signed[:place] + other + signed[place + 1 :]
    try:
        document = json.loads(changed)
    except ValueError:
        return
    with pytest.raises((proofs.BadProofError, KeyError)):
        proofs.check_proof(document, KEY.public_key())


@given(st.data())
@settings(max_examples=60)
def test_a_changed_byte_of_a_token_fails(data: st.DataObject) -> None:
    token = proofs.as_token(DOCUMENT, KEY, "did:web:x#k")
    assert proofs.read_token(token, KEY.public_key()) == DOCUMENT
    # The last character of each part carries bits that base64 ignores: another character may be the same bytes.
    ends = {n - 1 for n, c in enumerate(token) if c == "."} | {len(token) - 1}
    place = data.draw(st.integers(0, len(token) - 1).filter(lambda n: n not in ends and token[n] != "."))
    other = data.draw(st.sampled_from("ABCXYZabcxyz0189-_").filter(lambda c: c != token[place]))
    with pytest.raises(proofs.BadProofError):
        proofs.read_token(token[:place] + other + token[place + 1 :], KEY.public_key())


def test_another_key_and_no_key_are_refused() -> None:
    stranger = Ed25519PrivateKey.generate().public_key()
    signed = proofs.with_proof(DOCUMENT, KEY, "did:web:x#k", "2026-11-28T09:00:00Z")
    with pytest.raises(proofs.BadProofError):
        proofs.check_proof(signed, stranger)
    with pytest.raises(proofs.BadProofError):
        proofs.read_token(proofs.as_token(DOCUMENT, KEY, "did:web:x#k"), stranger)
    for text in ("", "a.b", "a.b.c", "{}"):
        with pytest.raises(proofs.BadProofError):
            proofs.key_named(text)


@given(st.sets(st.integers(0, status.SIZE - 1), max_size=20), st.integers(0, status.SIZE - 1))
@settings(max_examples=30, deadline=None)
def test_a_bit_is_set_for_those_revoked_only(revoked: set[int], other: int) -> None:
    encoded = status.encoded(revoked)
    assert all(is_set(encoded, index) for index in revoked)
    assert is_set(encoded, other) == (other in revoked)
    with pytest.raises(IndexError):
        is_set(encoded, status.SIZE)
