"""What a request leaves to be done once it is kept."""

from __future__ import annotations

import pytest
from flask import Flask, Response
from sqlalchemy import event

from training_platform.db import db
from training_platform.web.transaction import after_commit


@pytest.mark.parametrize(("status", "order"), [(200, ["kept", "told"]), (302, ["kept", "told"]), (422, [])])
def test_what_waits_for_the_commit_follows_it_or_is_dropped(app: Flask, status: int, order: list[str]) -> None:
    seen: list[str] = []
    with app.test_request_context("/"):
        db.session.connection()
        event.listen(db.session(), "after_commit", lambda session: seen.append("kept"), once=True)
        after_commit(lambda: seen.append("told"))
        app.process_response(Response(status=status))
        assert seen == order
        app.process_response(Response(status=200))
    assert seen.count("told") == order.count("told")


def test_nobody_is_told_of_what_could_not_be_kept(app: Flask) -> None:
    told: list[bool] = []

    def refuse(session: object) -> None:
        raise ArithmeticError

    with app.test_request_context("/"):
        event.listen(db.session(), "before_commit", refuse, once=True)
        after_commit(lambda: told.append(True))
        with pytest.raises(ArithmeticError):
            app.process_response(Response(status=200))
        db.session.rollback()
    assert told == []
