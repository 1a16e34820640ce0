"""Workplace proof: what a person shows of their own work, and the two people who validate or refuse it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Flask, current_app

from training_platform.text import Text


@dataclass(frozen=True, kw_only=True)
class TrackPurpose:
    """A certification track as a purpose of a proof: its name and the evidence that it asks for."""

    name: Text
    evidence: Text


Purposes = Callable[[], Mapping[str, TrackPurpose]]


def init_app(app: Flask) -> None:
    """Attach the pages; no track is a purpose until certification offers its own."""
    from training_platform.portfolio.routes import blueprint

    app.extensions["track_purposes"] = dict
    app.register_blueprint(blueprint)


def offer_tracks(app: Flask, purposes: Purposes) -> None:
    """Let certification, a layer above, say which tracks a proof may serve."""
    app.extensions["track_purposes"] = purposes


def tracks() -> Mapping[str, TrackPurpose]:
    """Return the tracks that a proof may serve, by id."""
    purposes: Purposes = current_app.extensions["track_purposes"]
    return purposes()
