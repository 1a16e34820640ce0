"""What a feature raises when it cannot do what was asked, with a sentence fit for the person."""

from __future__ import annotations

from training_platform.text import Text


class ProblemError(Exception):
    """Say what happened and what to do, in both languages."""

    def __init__(self, message: Text) -> None:
        super().__init__(message.en)
        self.message = message


class NotFoundError(ProblemError):
    """The thing does not exist, or not for this person."""


class RefusedError(ProblemError):
    """The request is understood and not allowed as it stands."""


class ForbiddenError(RefusedError):
    """The person's rights do not reach this far."""
