"""Which class makes which kind of lab."""

from __future__ import annotations

from training_platform.catalogue.lab_format import Lab, ThresholdLab
from training_platform.labs.kinds.kind import Kind
from training_platform.labs.kinds.threshold import Threshold


def open_lab(lab: Lab) -> Kind:
    """Make the data of a lab."""
    match lab:
        case ThresholdLab():
            return Threshold(lab)
    raise NotImplementedError(lab.kind)
