"""How questions behave, as pure functions over arrays: calibration, statistics, advice."""

from training_platform.item_analysis.rules.calibration import Authored, Calibration, Responses, calibrate

__all__ = ["Authored", "Calibration", "Responses", "calibrate"]
