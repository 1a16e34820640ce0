"""A client that reads every page as a browser would and finds fault with it."""

from __future__ import annotations

import contextvars
import json
import re
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask
from werkzeug.test import TestResponse

from training_platform.accounts.models import Person

X = "{http://www.w3.org/1999/xhtml}"


class Page:
    """A fetched page, already found valid: text, links, forms."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.status = response.status_code
        self.html = response.get_data(as_text=True)
        self.tree: Element = html5lib.HTMLParser(strict=True).parse(self.html)
        _check(self.tree)

    @property
    def text(self) -> str:
        """All visible text, spaces made single."""
        return re.sub(r"\s+", " ", " ".join(self.tree.itertext())).strip()

    @property
    def h1(self) -> str:
        """The text of the only h1."""
        return _words(next(self.tree.iter(f"{X}h1")))

    def links(self) -> list[str]:
        """Addresses of all links."""
        return [a.get("href", "") for a in self.tree.iter(f"{X}a")]

    def csrf(self) -> str:
        """The token of the first form."""
        for element in self.tree.iter(f"{X}input"):
            if element.get("name") == "csrf_token":
                return element.get("value", "")
        raise AssertionError("the page has no form with a CSRF token")


def _words(element: Element) -> str:
    return re.sub(r"\s+", " ", "".join(element.itertext())).strip()


def _check(tree: Element) -> None:
    """Raise AssertionError on what a careful reader of the HTML would refuse."""
    headings = list(tree.iter(f"{X}h1"))
    assert len(headings) == 1, f"{len(headings)} h1 on the page"
    title = _words(next(tree.iter(f"{X}title")))
    assert title.startswith(_words(headings[0])), (
        f"the title «{title}» does not open with the h1 «{_words(headings[0])}»"
    )
    ids = [element.get("id", "") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids)), f"ids twice: {sorted({i for i in ids if ids.count(i) > 1})}"
    assert next(tree.iter(f"{X}html")).get("lang") in ("fr", "en")
    labelled = {label.get("for") for label in tree.iter(f"{X}label")}
    for field in [*tree.iter(f"{X}input"), *tree.iter(f"{X}select"), *tree.iter(f"{X}textarea")]:
        named = (
            field.get("type") in ("hidden", "submit")
            or field.get("id") in labelled
            or field.get("aria-label")
            or field.get("aria-labelledby")
        )
        assert named, f"a field without label: {field.attrib}"
    for element in tree.iter():
        assert not element.get("style"), "inline style"
        assert not any(key.startswith("on") for key in element.attrib), "inline script"
        for reference in ("aria-describedby", "aria-labelledby", "aria-controls"):
            for target in (element.get(reference) or "").split():
                assert target in ids, f"{reference} names «{target}», which is not on the page"
        if element.tag == f"{X}img":
            assert element.get("alt") is not None, "an image without alternative text"


class Reader:
    """A browser session: keeps cookies, checks every HTML page, runs each request in an empty context."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()

    def sign_in(self, person: Person) -> Reader:
        """Start a session as this person."""
        session_id = person.get_id()
        with self.client.session_transaction() as session:
            session["_user_id"] = session_id
            session["_fresh"] = True
        return self

    def raw(self, method: str, address: str, **options: Any) -> TestResponse:
        """Send one request in an empty context: an open app context must not lend its person or session."""
        return contextvars.Context().run(self.client.open, address, method=method, **options)

    def get(self, address: str, status: int = 200, **options: Any) -> Page:
        """Fetch and check a page."""
        response = self.raw("GET", address, follow_redirects=True, **options)
        assert response.status_code == status, (
            f"{address}: {response.status_code}\n{response.get_data(as_text=True)[:2000]}"
        )
        return Page(response)

    def post(self, address: str, data: dict[str, Any] | None = None, status: int = 200, **options: Any) -> Page:
        """Send a form with a valid CSRF token, follow redirects, check the page."""
        response = self.raw(
            "POST", address, data={"csrf_token": self.token(), **(data or {})}, follow_redirects=True, **options
        )
        assert response.status_code == status, (
            f"{address}: {response.status_code}\n{response.get_data(as_text=True)[:2000]}"
        )
        return Page(response)

    def post_json(self, address: str, data: dict[str, Any], status: int = 200) -> Any:
        """Send JSON with a valid CSRF token and return the JSON answer."""
        headers = {"X-CSRFToken": self.token(), "Accept": "application/json"}
        response = self.raw("POST", address, json=data, headers=headers)
        assert response.status_code == status, response.get_data(as_text=True)[:2000]
        return json.loads(response.get_data(as_text=True))

    def token(self) -> str:
        """Return a CSRF token of this session."""
        return Page(self.raw("GET", "/about", follow_redirects=True)).csrf()
