"""What the student director does on the way to T6, through the services: modules, proofs, exam."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.factories import Factory
from training_platform import framework
from training_platform.accounts.models import Person
from training_platform.assessment import sittings
from training_platform.cases import rules as case_rules
from training_platform.cases.package import read_cases
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import PracticeQuestion
from training_platform.catalogue.service import LiveModule
from training_platform.certification import service
from training_platform.exams import cases as exam_cases
from training_platform.exams import marking, parts, reserved_bank
from training_platform.exams import service as exams
from training_platform.exams.models import ExamPartRow
from training_platform.learning import service as learning
from training_platform.portfolio import assessing, writing
from training_platform.tracks import service as tracks
from training_platform.tracks.format import Track

CONTENT = Path(__file__).parents[2] / "content"
ACCEPTED = "Pièce lue et discutée avec son auteur, usage au travail constaté."


def t6() -> Track:
    """Return the track of the journey."""
    return tracks.track(CONTENT, "T6")


def bank_is_ready() -> bool:
    """Tell whether the shipped content makes up an exam of T6."""
    (state,) = reserved_bank.bank_states(None, [t6()], framework.current(), read_cases(CONTENT))
    return state.ready


def right(question: PracticeQuestion) -> dict[str, Any]:
    """Return the right answer to a question of any kind."""
    if question.kind in ("single", "multiple"):
        return {"choices": [option.id for option in question.options if option.correct]}
    if question.kind == "order":
        return {"order": [item.id for item in question.items]}
    if question.kind == "match":
        return {"pairs": {pair.id: pair.id for pair in question.pairs}}
    return {"number": question.answer}


@dataclass(kw_only=True)
class Journey:
    """The people of the journey."""

    director: Person
    manager: Person
    officer: Person
    examiners: list[Person]
    note: str = "Priorité, moyens, droits des personnes, sortie des contrats, revue annuelle. " * 90

    @classmethod
    def begin(cls, make: Factory) -> Journey:
        """Make a student director in a department, a manager, an officer and two examiners of the hospital."""
        hospital = make.unit()
        department, other = make.unit("department", hospital), make.unit("department", hospital)
        people = [make.person(role="R42", unit=other) for _ in range(4)]
        for person, right_held in zip(people, ("manager", "training_officer", "examiner", "examiner"), strict=True):
            make.right(person, right_held, hospital)
        director = make.person(role="R44", unit=department)
        return cls(director=director, manager=people[0], officer=people[1], examiners=people[2:])

    def take_modules(self) -> None:
        """Take the modules of the shortest way, one after the other, every quiz answered rightly."""
        now = datetime.now(UTC) - timedelta(days=90)
        view = service.view_of(self.director.id, CONTENT, "T6", framework.current(), now, 60)
        for stop in view.way.stops:
            now += timedelta(days=1)
            self._take(stop.module, now)

    def _take(self, live: LiveModule, now: datetime) -> None:
        enrolment = learning.open_enrolment(self.director.id, live, now)
        for lesson in range(1, len(catalogue.package_of(live.version_id).lessons) + 1):
            learning.finish_lesson(enrolment, lesson, now)
        quiz = sittings.open_quiz(self.director.id, live.version_id, now)
        assert quiz is not None
        for key, question in quiz.questions:
            sittings.answer(self.director.id, quiz.id, key, right(question), now)
        assert sittings.finish(self.director.id, quiz.id, now).passed

    def prove_at_work(self) -> None:
        """Hand in one proof for each piece that the track asks for; the manager validates, then the officer."""
        now = datetime.now(UTC) - timedelta(days=5)
        high = sorted(t6().min_levels.items())
        pieces = t6().evidence
        for place, piece in enumerate(pieces):
            claims = {competency: level for competency, level in high[place :: len(pieces)] if level >= 3}
            draft = writing.Draft(
                title=piece.title.fr,
                description=piece.ask.fr,
                claims=claims,
                track_id="T6",
                kept_files=(),
                new_files=(),
            )
            proof = writing.save(self.director.id, None, draft, now)
            writing.submit(self.director.id, proof.id, now)
            for assessor in (self.manager, self.officer):
                assessing.decide(assessor.id, proof.id, 1, "validated", ACCEPTED, now)

    def _row(self, part_id: str) -> ExamPartRow:
        now = datetime.now(UTC)
        view = exams.latest(self.director.id, "T6", now)
        assert view is not None
        return parts.part_row(self.director.id, view.id, part_id, now)

    def answer_quiz(self) -> None:
        """Answer every question of the quiz rightly."""
        row, now = self._row("quiz"), datetime.now(UTC)
        for place in range(1, len(parts.question_at(row, 1, now).answered) + 1):
            parts.save_answer(row, place, right(parts.question_at(row, place, now).question), now)

    def play_cases(self) -> None:
        """Take the soundest choice of every decision, each with a written reason."""
        row, now, library = self._row("executive_case"), datetime.now(UTC), read_cases(CONTENT)
        while left := [one for one in exam_cases.played(row, library) if one.play.open is not None]:
            play = left[0].play
            assert play.open is not None
            best = max(case_rules.offered(play), key=lambda choice: choice.score)
            taken = case_rules.Taken(
                choice=best.id, reason="Les mesures du site et les personnes concernées le demandent."
            )
            parts.decide_case(row, library, left[0].slug, play.open.id, taken, now)

    def rest_of_exam(self) -> None:
        """Sit all but the quiz, and have it marked by both examiners."""
        now, library = datetime.now(UTC), read_cases(CONTENT)
        exam_id = self._row("quiz").exam_id
        for part_id in ("executive_case", "strategy_note"):
            parts.start(self.director.id, exam_id, part_id, framework.current(), library, now)
        self.play_cases()
        parts.save_text(self._row("strategy_note"), self.note, now)
        for part_id in ("executive_case", "strategy_note"):
            parts.hand_in(self.director.id, exam_id, part_id, library, now)
        for examiner in self.examiners:
            for work in marking.waiting_for(examiner.id):
                points = {criterion.id: criterion.best for criterion in work.part.rubric}
                marking.mark(examiner.id, work.row_id, points, frozenset(), ACCEPTED, library, now)
