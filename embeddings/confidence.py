"""How sure a match is: the probability that it is right, fitted on texts whose answer is known.

Logistic calibration (Platt 1999) on the situations kept out of training, and on texts that nothing in the catalogue
answers; ``python -m embeddings.evaluation.calibration`` remakes it beside the model that it is about.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from embeddings.ranking import Match

FILE = "confidence.json"
CANDIDATES = 5


def features(matches: Sequence[Match]) -> NDArray[np.float64]:
    """Return, per match: cosine, strength, distance below the first, distance above the next; shape (matches, 4)."""
    rows = []
    for place, match in enumerate(matches):
        after = matches[place + 1].strength if place + 1 < len(matches) else match.strength
        rows.append((match.score, match.strength, matches[0].strength - match.strength, match.strength - after))
    return np.array(rows, dtype=float).reshape(len(rows), 4)


def confidences(matches: Sequence[Match], model_folder: str) -> list[float] | None:
    """Return the probability that each match is right; None where the model has no calibration."""
    weights = _weights(model_folder)
    if weights is None or not matches:
        return None if weights is None else []
    return [float(p) for p in expit(features(matches) @ weights[1:] + weights[0])]


@cache
def _weights(folder: str) -> NDArray[np.float64] | None:
    file = Path(folder) / FILE
    if not file.exists():
        return None
    return np.array(json.loads(file.read_text())["weights"], dtype=float)
