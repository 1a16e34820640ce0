"""The people of the tests of exams."""

from __future__ import annotations

import pytest

from tests.exams.making import Hall, hall, publish
from tests.factories import Factory


@pytest.fixture
def people(make: Factory) -> Hall:
    """A candidate, three examiners, an officer, and a bank that is large enough."""
    publish()
    return hall(make)
