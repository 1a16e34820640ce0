"""Distance to a certificate as pure functions over plain values."""

from training_platform.certification.rules.progress import (
    Action,
    Done,
    Progress,
    Station,
    electives_to_take,
    progress,
    weeks_needed,
)

__all__ = ["Action", "Done", "Progress", "Station", "electives_to_take", "progress", "weeks_needed"]
