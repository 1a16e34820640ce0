"""Exams as pure functions over plain values: what is drawn, how long it lasts, what marks say, when it is passed."""

from training_platform.exams.rules.drawing import BankItem, apportion, draw, shortage
from training_platform.exams.rules.marking import Marks, Settled, obstacle, settle
from training_platform.exams.rules.outcome import Outcome, PartResult, case_share, outcome
from training_platform.exams.rules.timing import allowed, ends_at, may_save, next_try, seconds_left

__all__ = [
    "BankItem",
    "Marks",
    "Outcome",
    "PartResult",
    "Settled",
    "allowed",
    "apportion",
    "case_share",
    "draw",
    "ends_at",
    "may_save",
    "next_try",
    "obstacle",
    "outcome",
    "seconds_left",
    "settle",
    "shortage",
]
