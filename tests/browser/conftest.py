"""A live server and Chromium; without Chromium these journeys are left out, and say so."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from werkzeug.serving import make_server

from tests.factories import Factory
from training_platform.catalogue import package
from training_platform.catalogue import service as catalogue

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
MODULES = Path(__file__).parents[2] / "content" / "modules"
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
DESKTOP = {"viewport": {"width": 1440, "height": 900}}
Open = Callable[..., "Page"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium once per worker."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="no Playwright: script/test installs it with Chromium"
    )
    if not CHROMIUM:
        pytest.skip("no Chromium: install Debian's chromium")
    with playwright.sync_playwright() as running:
        chromium = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield chromium
        chromium.close()


@pytest.fixture
def shipped(make: Factory) -> Factory:
    """Publish the shipped modules that are written."""
    for folder in sorted(MODULES.iterdir()):
        found = package.read_folder(folder)
        if not found.planned:
            catalogue.publish(found, datetime.now(UTC))
    make.save()
    return make


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    """Serve the application of the tests on a free port."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def open_page(browser: Browser, site: str) -> Iterator[Open]:
    """Open pages as a phone or a desktop; a script error or a refused resource fails the test at its end."""
    contexts, faults = [], []

    def new(device: dict[str, object], **more: object) -> Page:
        context = browser.new_context(base_url=site, **{**device, **more})  # type: ignore[arg-type]
        context.set_default_timeout(90_000)  # the first meaning asked for loads the encoder, on shared cores
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
        return page

    yield new
    for context in contexts:
        context.close()
    assert faults == []
