"""Writing a module in Chromium: nothing typed is ever lost, two authors meet, the preview is the reader's page."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from werkzeug.serving import BaseWSGIServer, make_server

from tests.browser.conftest import DESKTOP, PHONE, Open
from tests.browser.doing import fault_free, follow, sign_in
from tests.factories import NOW, Factory
from tests.packages import make_package
from training_platform.accounts.models import Person
from training_platform.catalogue import service as catalogue
from training_platform.db import db
from training_platform.studio import service

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
ADDRESS = "/studio/essai-m90"
WORD = "<p>Un <b>gras</b></p><p class=MsoListParagraph style='mso-list:l0'><span style='mso-list:Ignore'>·</span>point</p><script>alert(1)</script>"


class Server:
    """A server that a test may kill and start again on the same port."""

    def __init__(self, app: Flask) -> None:
        self.app, self.port = app, 0
        self.start()

    def start(self) -> None:
        """Serve, on the port of before where there was one."""
        self.server: BaseWSGIServer = make_server("127.0.0.1", self.port, self.app, threaded=True)
        self.port = self.server.server_port
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def kill(self) -> None:
        """Stop answering."""
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def killable(app: Flask) -> Iterator[Server]:
    """Serve the application by a server that can be killed."""
    server = Server(app)
    yield server
    server.kill()


@pytest.fixture
def site(killable: Server) -> str:
    """Where the killable server is: journeys of this file run on it."""
    return f"http://127.0.0.1:{killable.port}"


@pytest.fixture
def officer(make: Factory) -> Person:
    """Publish the trial module; return an officer who may edit it."""
    catalogue.publish(make_package("M90"), NOW)
    person = make.person()
    make.right(person, "training_officer", make.unit())
    make.save()
    return person


def draft_title(person: Person) -> str:
    """Return the French title of the draft as the database has it now."""
    db.session.rollback()
    return service.working_copy(service.editable(person.id, "essai-m90")).head.title.fr


def state(page: Page, kind: str) -> None:
    """Wait for the state of saving."""
    page.locator(f"[data-state][data-kind={kind}]").wait_for(timeout=20_000)


def opened(open_page: Open, person: Person, device: Mapping[str, object] = DESKTOP, address: str = ADDRESS) -> Page:
    """Open the editor as this person."""
    page = open_page(device)
    sign_in(page, person)
    page.goto(address)
    return page


def test_a_module_is_written_previewed_and_published(open_page: Open, officer: Person) -> None:
    page = opened(open_page, officer)
    fault_free(page)
    page.locator("#title_fr").fill("Un titre tout neuf")
    state(page, "saved")
    assert "Enregistré à" in page.locator("[data-state]").inner_text()
    assert draft_title(officer) == "Un titre tout neuf"
    lesson = page.locator("#lesson_essai_fr")
    lesson.click()
    page.get_by_role("button", name="Aperçu").click()
    inside = page.frame_locator("[data-preview-frame]")
    inside.locator("h1").wait_for()
    lesson.press("Control+End")
    page.keyboard.type("\n\nUne phrase toute fraîche.")
    inside.get_by_text("Une phrase toute fraîche.").wait_for()
    fault_free(page)
    inside.locator("input[type=radio]").first.check()
    inside.get_by_role("button", name="Répondre").first.click()
    inside.locator(".answered").wait_for()
    state(page, "saved")
    page.reload()
    follow(page.get_by_role("link", name="Publier…"))
    follow(page.get_by_role("button", name="Publier une nouvelle version"))
    assert page.locator("h1").inner_text() == "Un titre tout neuf"


def test_killing_the_server_loses_nothing(open_page: Open, officer: Person, killable: Server) -> None:
    page = opened(open_page, officer)
    killable.kill()
    page.locator("#title_fr").fill("Écrit sans serveur")
    state(page, "waiting")
    assert "En attente de connexion" in page.locator("[data-state]").inner_text()
    killable.start()
    state(page, "saved")
    assert draft_title(officer) == "Écrit sans serveur"


def test_a_crash_of_the_browser_loses_nothing(open_page: Open, officer: Person, killable: Server) -> None:
    page = opened(open_page, officer)
    killable.kill()
    page.locator("#title_fr").fill("Écrit avant la panne")
    state(page, "waiting")
    page.goto("about:blank")
    killable.start()
    page.goto(f"{ADDRESS}")
    page.get_by_text("retrouvé sur cet ordinateur").wait_for()
    fault_free(page)
    page.get_by_role("button", name="Le reprendre").click()
    state(page, "saved")
    assert page.locator("#title_fr").input_value() == "Écrit avant la panne"
    assert draft_title(officer) == "Écrit avant la panne"


def test_an_expired_session_loses_nothing(open_page: Open, officer: Person) -> None:
    page = opened(open_page, officer)
    page.context.clear_cookies()
    page.locator("#title_fr").fill("Écrit session expirée")
    state(page, "expired")
    assert page.locator("[data-state] a").get_attribute("target") == "_blank"
    other = page.context.new_page()
    sign_in(other, officer)
    page.bring_to_front()
    state(page, "saved")
    assert draft_title(officer) == "Écrit session expirée"


def test_two_authors_see_each_other_and_choose(open_page: Open, officer: Person, make: Factory) -> None:
    colleague = make.person()
    make.right(colleague, "training_officer", make.unit())
    make.save()
    mine, theirs = opened(open_page, officer), opened(open_page, colleague)
    assert officer.name in theirs.locator("[data-people]").inner_text()
    theirs.locator("#title_fr").fill("Le titre du collègue")
    theirs.locator("#summary_fr").fill("Le résumé du collègue")
    state(theirs, "saved")
    mine.locator("#audience_fr").fill("Mon public")
    state(mine, "saved")
    assert mine.locator("#summary_fr").input_value() == "Le résumé du collègue"
    assert "avec les changements que" in mine.locator("[data-state]").inner_text()
    theirs.locator("#title_fr").fill("Encore le collègue")
    state(theirs, "saved")
    mine.locator("#title_fr").fill("Mon titre à moi")
    state(mine, "conflict")
    assert draft_title(officer) == "Encore le collègue"
    panel = mine.locator("[data-conflicts]")
    assert "Encore le collègue" in panel.inner_text()
    assert "Mon titre à moi" in panel.inner_text()
    fault_free(mine)
    panel.get_by_role("button", name="Garder le mien").click()
    state(mine, "saved")
    assert draft_title(officer) == "Mon titre à moi"


def test_pasting_from_a_word_processor_gives_clean_markdown(open_page: Open, officer: Person) -> None:
    page = opened(open_page, officer)
    page.evaluate(
        """html => {
            const field = document.getElementById("lesson_essai_fr");
            field.focus();
            field.setSelectionRange(0, field.value.length);
            const data = new DataTransfer();
            data.setData("text/html", html);
            data.setData("text/plain", "brut");
            field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        WORD,
    )
    page.wait_for_function("() => document.getElementById('lesson_essai_fr').value.includes('**gras**')")
    assert page.locator("#lesson_essai_fr").input_value() == "Un **gras**\n\n- point"


def test_a_fact_is_found_and_put_in_by_keyboard(open_page: Open, officer: Person) -> None:
    page = opened(open_page, officer)
    page.locator("#lesson_essai_fr").click()
    page.keyboard.press("Control+End")
    page.locator("#lesson_essai_fr").locator("xpath=preceding-sibling::div").get_by_role("button", name="Note").click()
    page.locator("#insert-q").fill("2024/1689")
    page.locator(".insert-one").first.wait_for()
    fault_free(page)
    page.locator("#insert-q").press("Enter")
    assert "[^" in page.locator("#lesson_essai_fr").input_value()[-12:]
    state(page, "saved")


def test_a_huge_picture_is_refused_with_the_remedy_and_a_good_one_is_shown(open_page: Open, officer: Person) -> None:
    from tests.catalogue.test_pictures import photo

    page = opened(open_page, officer)
    page.locator("#title_fr").fill("Avec une image")
    page.locator("#add-picture summary").click()
    form = page.locator("[data-upload]")
    form.locator("#picture").set_input_files(
        {"name": "grande.png", "mimeType": "image/png", "buffer": b"x" * (20 << 20)}
    )
    form.locator("#alt_fr").fill("La salle de garde vue de la porte")
    form.locator("#alt_en").fill("The staff room seen from the door")
    form.get_by_role("button", name="Ajouter").click()
    page.get_by_text("Cette image pèse 20 Mo").wait_for()
    assert page.locator("#title_fr").input_value() == "Avec une image"
    form.locator("#picture").set_input_files({"name": "Salle.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    form.get_by_role("button", name="Ajouter").click()
    page.get_by_text("Image ajoutée.").wait_for()
    page.locator("#lesson_essai_fr").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("\n\n![La salle de garde vue de la porte](../img/salle.webp)")
    page.get_by_role("button", name="Aperçu").click()
    shown = page.frame_locator("[data-preview-frame]").locator("img")
    shown.wait_for()
    assert shown.evaluate("image => image.complete && image.naturalWidth > 0") or shown.is_visible()


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_question_is_written_and_tried_at_once(
    open_page: Open, officer: Person, device: Mapping[str, object]
) -> None:
    page = opened(open_page, officer, device, f"{ADDRESS}/questions")
    fault_free(page)
    page.locator("#kind-bank").select_option("single")
    follow(page.locator("section#bank .add-question button"))
    fault_free(page)
    page.locator("#ask_fr").fill("Que ne faut-il pas faire en premier ?")
    page.locator("#option_1_fr").fill("Prévenir la cadre de garde et noter l'heure, puis continuer les soins en cours")
    page.locator("#option_2_fr").fill("Attendre")
    page.locator("#option_1_correct").check()
    state(page, "saved")
    remarks = page.locator("#remarks")
    remarks.get_by_text("forme négative").wait_for()
    assert "est la plus longue" in remarks.inner_text()
    assert "ne dit pas pourquoi" in remarks.inner_text()
    trial = page.locator("#trial")
    trial.get_by_text("Attendre").wait_for()
    trial.locator("input[value=b]").check()
    trial.get_by_role("button", name="Répondre").click()
    trial.locator(".answered-bad").wait_for()
    fault_free(page)


def test_a_phone_shows_one_language_at_a_time(open_page: Open, officer: Person) -> None:
    page = opened(open_page, officer, PHONE)
    assert page.locator("#title_fr").is_visible()
    assert not page.locator("#title_en").is_visible()
    page.locator("[data-show=en]").click()
    assert page.locator("#title_en").is_visible()
    assert not page.locator("#title_fr").is_visible()
    fault_free(page)


def test_a_proposal_is_read_beside_the_text_and_accepted(open_page: Open, officer: Person, make: Factory) -> None:
    catalogue.publish(make_package("M91", steps=[{"c": "DAT1", "from": 1, "to": 2}]), NOW)
    make.save()
    page = opened(open_page, officer, DESKTOP, "/studio/essai-m91")
    page.locator("#title_fr").fill("Écrit juste avant")
    page.locator("[data-proposals]").click()
    accept = page.get_by_role("button", name="Ajouter ce prérequis")
    accept.wait_for()
    fault_free(page)
    follow(accept)
    assert page.locator("#requires").input_value() == "M90"
    assert page.locator("#title_fr").input_value() == "Écrit juste avant"
