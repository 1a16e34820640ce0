"""A model watched week by week: what goes in, how often it alerts, how often it is right, and when that leaves its band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from training_platform.catalogue.lab_format import DriftLab
from training_platform.labs.rules.chance import Chance

RIGHT_ABOVE, RIGHT_BELOW = 0.78, 0.04
"""Chance that the patient worsens, by whether the true value passes the alert's limit."""
CURVES = ("input", "alerts", "right")


@dataclass(frozen=True, kw_only=True)
class Week:
    """One week of the model."""

    number: int
    mean: float
    """Mean of the value that goes in."""
    alerts: int
    true: int
    """Alerts whose patient worsened, known only later."""
    missed: int
    """Patients who worsened without an alert."""

    @property
    def right(self) -> float:
        """Share of the alerts that were right, per cent; 0 where there was none."""
        return round(100 * self.true / self.alerts, 1) if self.alerts else 0.0

    def value(self, curve: str) -> float:
        """Return a point of one of the three curves."""
        return {"input": self.mean, "alerts": float(self.alerts), "right": self.right}[curve]


def weeks(lab: DriftLab) -> tuple[Week, ...]:
    """Make all weeks of the lab from its seed."""
    chance = Chance(lab.seed)
    return tuple(_week(lab, number, chance) for number in range(1, lab.weeks + 1))


def _week(lab: DriftLab, number: int, chance: Chance) -> Week:
    factor = 1 + factor_of(lab, number) / 100
    total, alerts, true, missed = 0, 0, 0, 0
    for _ in range(lab.per_week):
        value = max(chance.normal(lab.mean, lab.spread), lab.mean / 4)
        read = round(value * factor)
        worsens = chance.below(RIGHT_ABOVE if value >= lab.alert_at else RIGHT_BELOW)
        flagged = read >= lab.alert_at
        total += read
        alerts += flagged
        true += flagged and worsens
        missed += worsens and not flagged
    return Week(number=number, mean=round(total / lab.per_week, 1), alerts=alerts, true=true, missed=missed)


def factor_of(lab: DriftLab, week: int) -> float:
    """Return by how much the method reads higher in a week, per cent: it is brought in over several weeks."""
    return lab.shift * min(max(week - lab.change + 1, 0), lab.ramp) / lab.ramp


def band(lab: DriftLab, series: Sequence[Week], curve: str) -> tuple[float, float]:
    """Return the lowest and the highest ordinary week: the band of the baseline."""
    values = [week.value(curve) for week in series[: lab.baseline]]
    return min(values), max(values)


def outside(lab: DriftLab, series: Sequence[Week], curve: str, week: int) -> int:
    """Return -1 below the band, 1 above it, 0 inside."""
    low, high = band(lab, series, curve)
    value = series[week - 1].value(curve)
    return (value > high) - (value < low)


def known_in(lab: DriftLab, curve: str, week: int) -> int:
    """Return the week in which a point is known: at once, save what became of the patients."""
    return week + (lab.delay if curve == "right" else 0)


def first_sign(lab: DriftLab, series: Sequence[Week], curve: str) -> int | None:
    """Return the week in which a curve shows, for the first time, two weeks in a row outside the band on one side."""
    for week in range(lab.baseline + 2, lab.weeks + 1):
        side = outside(lab, series, curve, week)
        if side and side == outside(lab, series, curve, week - 1):
            known = known_in(lab, curve, week)
            return known if known <= lab.weeks else None
    return None


def earliest(lab: DriftLab, series: Sequence[Week]) -> tuple[int, str]:
    """Return the week of the first sure sign and its curve; where two show in the same week, what goes in comes first."""
    signs = [(week, place) for place, curve in enumerate(CURVES) if (week := first_sign(lab, series, curve))]
    if not signs:
        return lab.weeks, CURVES[0]
    week, place = min(signs)
    return week, CURVES[place]


def excess(lab: DriftLab, series: Sequence[Week], week: int) -> int:
    """Return the alerts beyond the habit of the baseline, from the change to a week."""
    usual = sum(w.alerts for w in series[: lab.baseline]) / lab.baseline
    return round(sum(w.alerts - usual for w in series[lab.change - 1 : week]))
