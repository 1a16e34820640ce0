"""Which class makes which kind of lab."""

from __future__ import annotations

from typing import assert_never

from training_platform.catalogue.lab_format import (
    BiasLab,
    ContractLab,
    DriftLab,
    Lab,
    QualityLab,
    ReidentificationLab,
    ScheduleLab,
    ThresholdLab,
)
from training_platform.labs.kinds.bias import Bias
from training_platform.labs.kinds.contract import Contract
from training_platform.labs.kinds.drift import Drift
from training_platform.labs.kinds.kind import Kind
from training_platform.labs.kinds.quality import Quality
from training_platform.labs.kinds.reidentification import Reidentification
from training_platform.labs.kinds.schedule import Schedule
from training_platform.labs.kinds.threshold import Threshold


def open_lab(lab: Lab) -> Kind:
    """Make the data of a lab."""
    match lab:
        case ThresholdLab():
            return Threshold(lab)
        case BiasLab():
            return Bias(lab)
        case DriftLab():
            return Drift(lab)
        case ReidentificationLab():
            return Reidentification(lab)
        case QualityLab():
            return Quality(lab)
        case ScheduleLab():
            return Schedule(lab)
        case ContractLab():
            return Contract(lab)
    assert_never(lab)
