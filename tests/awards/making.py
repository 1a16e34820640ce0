"""What the tests of certificates make: a track, a site."""

from __future__ import annotations

from training_platform.awards.keys import Site
from training_platform.awards.service import TrackFacts
from training_platform.text import Text

SITE = Site(url="https://sillage.example", name="Sillage", secret="for tests only")
TRACK = TrackFacts(
    track_id="T1",
    version=1,
    name=Text("Socle données et IA", "Data and AI foundation"),
    criteria=Text("Neuf modules et une épreuve.", "Nine modules and an exam."),
    validity_months=24,
)
