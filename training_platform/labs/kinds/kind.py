"""What every kind of lab can do."""

from __future__ import annotations

from abc import ABC, abstractmethod

from training_platform.labs.rules.view import Control, Finding, Given, Setting, View


class Kind(ABC):
    """A lab with its data."""

    @abstractmethod
    def controls(self) -> tuple[Control, ...]:
        """Return what one can move."""

    @abstractmethod
    def show(self, setting: Setting) -> View:
        """Return the lab at a setting that ``read`` has returned."""

    @abstractmethod
    def judge(self, setting: Setting, given: Given) -> tuple[Finding, ...]:
        """Return what holds in a conclusion and what does not."""

    def read(self, fields: Setting) -> dict[str, str]:
        """Return a whole setting from the fields of a form or an address; what is no value falls back to the start."""
        return {control.name: control.read(fields) for control in self.controls()}
