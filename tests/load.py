"""Clients that click as fast as they are answered: requests a second, p95, memory a worker (run by script/load)."""

from __future__ import annotations

import http.client
import re
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from sqlalchemy import select

from training_platform import create_app
from training_platform.accounts import service as accounts
from training_platform.accounts.models import Person
from training_platform.db import db

CLIENTS = (1, 8, 32)
MODULE = "rester-maitre"


class Client:
    """One signed-in browser over one kept-alive connection."""

    def __init__(self, base: str, token: str) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=60)
        self.cookies: SimpleCookie = SimpleCookie()
        page = self.get(f"/link/{token}")
        self.post(f"/link/{token}", self.token(page))

    def request(self, method: str, address: str, body: str = "") -> tuple[int, str]:
        """Send one request; return status and text."""
        headers = {"Cookie": "; ".join(f"{k}={m.value}" for k, m in self.cookies.items()), "Accept": "text/html"}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            self.connection.request(method, address, body, headers)
            answer = self.connection.getresponse()
        except http.client.RemoteDisconnected:
            self.connection.close()
            return self.request(method, address, body)
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            self.cookies.load(cookie)
        return answer.status, answer.read().decode()

    def get(self, address: str) -> str:
        """Fetch a page that must be there."""
        status, text = self.request("GET", address)
        assert status == 200, f"{address}: {status}"
        return text

    def post(self, address: str, token: str, **fields: str) -> None:
        """Send a form that must be accepted."""
        status, text = self.request("POST", address, urlencode({"csrf_token": token, **fields}))
        assert status in (200, 302), f"{address}: {status} {text[:300]}"

    @staticmethod
    def token(page: str) -> str:
        """Return the CSRF token of a page."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found
        return found.group(1)


def main() -> None:
    """Measure each page at each number of clients; print a Markdown table."""
    base, seconds, server = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    app = create_app()
    with app.app_context():
        people = db.session.scalars(select(Person).where(Person.demo.is_(True)).limit(max(CLIENTS))).all()
        tokens = [accounts.issue_link(person, "demo", datetime.now(UTC)) for person in people]
        db.session.commit()
        kind = db.engine.dialect.name
    _wait(base)
    clients = [Client(base, token) for token in tokens]
    practice = [_practice(client) for client in clients]
    pages: dict[str, Callable[[int], object]] = {
        "home": lambda n: clients[n].get("/"),
        "path": lambda n: clients[n].get("/path/"),
        "lesson": lambda n: clients[n].get(f"/modules/{MODULE}/lessons/1"),
        "answer": lambda n: clients[n].post(practice[n][0], practice[n][1], choice=practice[n][2]),
        "search": lambda n: clients[n].get("/search?q=mot+de+passe+demand%C3%A9+par+courriel"),
    }
    print(f"| {kind} | " + " | ".join(f"{n} client{'s' * (n > 1)}: req/s, p95 ms" for n in CLIENTS) + " |")
    print("|---|" + "--:|" * len(CLIENTS))
    for name, click in pages.items():
        cells = [_measure(click, n, seconds) for n in CLIENTS]
        print(f"| {name} | " + " | ".join(f"{rate:.0f}, {1000 * p95:.0f}" for rate, p95 in cells) + " |", flush=True)
    print("\nmemory a worker, MB (proportional set size): " + ", ".join(f"{_memory(p):.0f}" for p in _workers(server)))


def _practice(client: Client) -> tuple[str, str, str]:
    """Return address, token and choice of a practice question with options."""
    for number in range(1, 5):
        page = client.get(f"/modules/{MODULE}/lessons/{number}")
        for form in re.findall(r"<form class=\"question\".*?</form>", page, re.DOTALL):
            address, choice = re.search(r'action="([^"]+)"', form), re.search(r'name="choice" value="([^"]+)"', form)
            if address and choice:
                return address.group(1), Client.token(page), choice.group(1)
    raise AssertionError(f"{MODULE} has no practice question with options")


def _measure(click: Callable[[int], object], clients: int, seconds: float) -> tuple[float, float]:
    """Return requests a second and the 95th percentile in seconds."""
    times: list[list[float]] = [[] for _ in range(clients)]
    end = time.perf_counter() + seconds

    def run(number: int) -> None:
        while (started := time.perf_counter()) < end:
            click(number)
            times[number].append(time.perf_counter() - started)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    every = sorted(t for own in times for t in own)
    return len(every) / seconds, every[int(0.95 * (len(every) - 1))]


def _wait(base: str) -> None:
    for _ in range(300):
        try:
            connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=5)
            connection.request("GET", "/about")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def _workers(server: int) -> list[int]:
    return [int(p) for p in Path(f"/proc/{server}/task/{server}/children").read_text().split()]


def _memory(process: int) -> float:
    """Return the proportional set size in MB (Linux: proc_pid_smaps_rollup)."""
    text = Path(f"/proc/{process}/smaps_rollup").read_text()
    found = re.search(r"^Pss: +(\d+) kB", text, re.MULTILINE)
    assert found
    return int(found.group(1)) / 1000


if __name__ == "__main__":
    main()
