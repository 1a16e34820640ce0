"""What the machine checks of the catalogue (content/README.md), beyond the schema."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from training_platform.catalogue.format import BankQuestion, ModulePackage
from training_platform.catalogue.package import Problem
from training_platform.framework.rules import Framework
from training_platform.text import LANGUAGES, Text, counted

NOTE = re.compile(r"\[\^([A-Z]{3}-\d{2,3})\]")
PLACED = re.compile(r"^::(exercise|lab)\{([\w.-]+)\}\s*$", re.MULTILINE)
FIGURE = re.compile(r"!\[(.*?)\]\(\.\./img/([\w.-]+)")
LINK = re.compile(r"\]\(module:([\w-]+)\)")
BOX = re.compile(r"^::: *(scene|example|tomorrow|keep) *$.*?^::: *$", re.MULTILINE | re.DOTALL)
EXEMPT = re.compile(
    r"^::: *(scene|example|tomorrow|keep) *$.*?^::: *$|^#[^\n]*$|^::(?:exercise|lab)\{[^\n]*$|^!\[[^\n]*$",
    re.MULTILINE | re.DOTALL,
)
FIGURE_BEARING = re.compile(r"\d+(?:[.,]\d+)?\s?(?:%|€|million)|\b(?:19|20)\d\d\b")
FOUNDATION_QUESTIONS, OTHER_QUESTIONS = 8, 6
QUESTION = ("question", "questions")
WORDS_PER_MINUTE = 110
SHORTEST, LONGEST = 0.65, 1.35


def check_catalogue(
    packages: Sequence[ModulePackage], framework: Framework, foundation: Iterable[str]
) -> list[Problem]:
    """Return every problem of the catalogue: each package, ids, prerequisites, questions per step."""
    codes = {package.head.code for package in packages}
    problems = [problem for package in packages for problem in check_package(package, framework, codes)]
    problems += _cycles(packages)
    ids = Counter(question.id for package in packages for question in package.questions)
    problems += [
        _problem("questions.yaml", f"L'identifiant {i} sert deux fois.", f"The id {i} is used twice.")
        for i, n in ids.items()
        if n > 1
    ]
    return problems + _reserved_balance(packages) + _too_few_questions(packages, set(foundation))


def check_package(package: ModulePackage, framework: Framework, codes: set[str]) -> list[Problem]:
    """Return the problems of one package against the framework and the other codes."""
    head, slug = package.head, package.slug
    problems: list[Problem] = []
    for step in head.steps:
        if step.c not in framework.competencies:
            problems.append(
                _problem(f"{slug}/module.yaml", f"Compétence inconnue : {step.c}.", f"Unknown competency: {step.c}.")
            )
    for code in set(head.requires) - codes:
        problems.append(
            _problem(f"{slug}/module.yaml", f"Prérequis inconnu : {code}.", f"Unknown prerequisite: {code}.")
        )
    if head.domain not in framework.domains:
        problems.append(
            _problem(f"{slug}/module.yaml", f"Domaine inconnu : {head.domain}.", f"Unknown domain: {head.domain}.")
        )
    if package.planned:
        return problems
    return (
        problems
        + _length(package)
        + _lessons(package, framework, codes)
        + _labs(package, framework)
        + _questions(package, framework)
        + _objectives(package)
    )


def _length(package: ModulePackage) -> list[Problem]:
    """Check that reading and exercises take about the announced minutes."""
    practice = sum(part.minutes for part in [*package.exercises, *package.labs])
    problems = []
    for language in LANGUAGES:
        words = sum(len(lesson.text[language].split()) for lesson in package.lessons)
        minutes = words / WORDS_PER_MINUTE + practice
        if not SHORTEST <= minutes / package.head.minutes <= LONGEST:
            problems.append(
                _problem(
                    f"{package.slug}/module.yaml",
                    f"{package.head.minutes} min annoncées, environ {minutes:.0f} pour lire et s'exercer ({language}).",
                    f"{package.head.minutes} min announced, about {minutes:.0f} to read and practise ({language}).",
                )
            )
    return problems


def _lessons(package: ModulePackage, framework: Framework, codes: set[str]) -> list[Problem]:
    problems: list[Problem] = []
    for number, lesson in enumerate(package.lessons, 1):
        for language in LANGUAGES:
            text, file = lesson.text[language], f"{package.slug}/{language}/{lesson.name[language]}.md"
            problems += _lesson(text, file, package, framework, codes)
        fr, en = (_structure(lesson.text[language]) for language in LANGUAGES)
        if fr != en:
            name = f"{package.slug}/*/{number:02d}"
            problems.append(
                _problem(
                    name,
                    f"Structure différente en français et en anglais : {fr} et {en}.",
                    f"French and English differ in structure: {fr} and {en}.",
                )
            )
    return problems


def _lesson(text: str, file: str, package: ModulePackage, framework: Framework, codes: set[str]) -> list[Problem]:
    problems: list[Problem] = []
    known = {("exercise", exercise.id) for exercise in package.exercises} | {("lab", lab.id) for lab in package.labs}
    placed = [what for what in PLACED.findall(text) if what not in known]
    if not text.startswith("# ") or len(re.findall(r"^# ", text, re.MULTILINE)) != 1:
        problems.append(
            _problem(
                file, "La première ligne doit être le seul titre « # ».", "The first line must be the only “# ” title."
            )
        )
    wrong = (
        ("Fait inconnu", "Unknown fact", [i for i in NOTE.findall(text) if i not in framework.facts]),
        (
            "Fait cité mais absent de module.yaml",
            "Fact cited but not in module.yaml",
            [i for i in NOTE.findall(text) if i not in package.head.facts],
        ),
        ("Exercice inconnu", "Unknown exercise", [i for kind, i in placed if kind == "exercise"]),
        ("Laboratoire inconnu", "Unknown lab", [i for kind, i in placed if kind == "lab"]),
        ("Figure absente", "Missing figure", [name for _, name in FIGURE.findall(text) if name not in package.images]),
        (
            "Figure sans texte de remplacement",
            "Figure without text alternative",
            [name for alt, name in FIGURE.findall(text) if len(alt) < 10],
        ),
        ("Module inconnu", "Unknown module", [code for code in LINK.findall(text) if code not in codes]),
        ("Phrase chiffrée sans note", "Figure without a note", _unsourced(text)),
    )
    for fr, en, found in wrong:
        problems += [_problem(file, f"{fr} : {what}.", f"{en}: {what}.") for what in dict.fromkeys(found)]
    return problems


def _unsourced(text: str) -> list[str]:
    """Return paragraphs with a percentage, an amount or a year that neither cite a fact nor stand in a box."""
    bare = EXEMPT.sub("", text)
    return [p.strip()[:60] for p in re.split(r"\n\s*\n", bare) if FIGURE_BEARING.search(p) and not NOTE.search(p)]


def _structure(text: str) -> tuple[tuple[str, ...], ...]:
    """Return what both languages must share: boxes, exercises, figures, levels of headings."""
    return (
        tuple(match.group(1) for match in BOX.finditer(text)),
        tuple(i for _, i in PLACED.findall(text)),
        tuple(name.split(".")[0] for _, name in FIGURE.findall(text)),
        tuple(re.findall(r"^(#+) ", text, re.MULTILINE)),
    )


def _labs(package: ModulePackage, framework: Framework) -> list[Problem]:
    """Check that each lab has its own id, is placed once, and cites what the module may cite."""
    file = f"{package.slug}/labs.yaml"
    placed = Counter(i for x in package.lessons for kind, i in PLACED.findall(x.text.fr) if kind == "lab")
    problems = []
    for key, count in Counter(lab.id for lab in package.labs).items():
        if count > 1 or placed[key] != 1:
            fr = f"{key} : un laboratoire a son propre identifiant et une seule place dans les leçons."
            problems.append(_problem(file, fr, f"{key}: a lab has an id of its own and one place in the lessons."))
    for lab in package.labs:
        for fact in lab.facts:
            known = framework.facts.get(fact)
            if known is None or known.confidence == "MEM" or fact not in package.head.facts:
                fr = f"{lab.id} : fait {fact} inconnu, à vérifier ou absent de module.yaml."
                en = f"{lab.id}: fact {fact} unknown, to be checked or missing from module.yaml."
                problems.append(_problem(file, fr, en))
    return problems


def _questions(package: ModulePackage, framework: Framework) -> list[Problem]:
    problems = []
    taught = {(s.c, n) for s in package.head.steps for n in range(s.from_level, s.to)}
    file = f"{package.slug}/questions.yaml"
    for question in package.questions:
        if (question.step.c, question.step.from_level) not in taught:
            problems.append(
                _problem(
                    file,
                    f"{question.id} : palier que ce module n'enseigne pas.",
                    f"{question.id}: a step that this module does not teach.",
                )
            )
        for fact in question.facts:
            if fact not in framework.facts or framework.facts[fact].confidence == "MEM":
                problems.append(
                    _problem(
                        file,
                        f"{question.id} : fait {fact} inconnu ou à vérifier.",
                        f"{question.id}: fact {fact} unknown or to be checked.",
                    )
                )
        for family in sorted(set(question.families) - set(framework.families)):
            problems.append(
                _problem(
                    file,
                    f"{question.id} : famille de métiers « {family} » inconnue.",
                    f"{question.id}: unknown job family “{family}”.",
                )
            )
    return problems + _balance((q for q in package.questions if not q.reserved), file)


def _reserved_balance(packages: Sequence[ModulePackage]) -> list[Problem]:
    """Hold the reserved questions of each domain to the same rules: an exam puts them without the others."""
    by_domain: dict[str, list[BankQuestion]] = {}
    for package in packages:
        for question in package.questions:
            if question.reserved:
                by_domain.setdefault(question.step.c[:3], []).append(question)
    return [
        problem
        for domain, questions in sorted(by_domain.items())
        for problem in _balance(questions, f"{domain}: questions réservées")
    ]


def _balance(questions: Iterable[BankQuestion], file: str) -> list[Problem]:
    singles = [question for question in questions if question.kind == "single"]
    return _bank_balance(singles, file) if len(singles) >= 8 else []


def _bank_balance(singles: Sequence[BankQuestion], file: str) -> list[Problem]:
    """Check positions of right answers and the longest-option rule over a bank."""
    problems = []
    places = Counter(next(i for i, o in enumerate(q.options) if o.correct) for q in singles)
    if max(places.values()) > len(singles) / 2:
        problems.append(
            _problem(
                file,
                f"La bonne réponse est trop souvent à la même place : {dict(places)}.",
                f"The right answer is too often in the same place: {dict(places)}.",
            )
        )
    for language in LANGUAGES:
        longest = sum(_right_is_longest(q, language) for q in singles)
        if longest > len(singles) / 3:
            told = counted(longest, QUESTION, QUESTION)
            problems.append(
                _problem(
                    file,
                    f"La bonne réponse est la plus longue dans {told.fr} sur {len(singles)} ({language}).",
                    f"The right answer is the longest in {longest} of {len(singles)} questions ({language}).",
                )
            )
    return problems


def _right_is_longest(question: BankQuestion, language: str) -> bool:
    lengths = {o.correct: 0 for o in question.options}
    for option in question.options:
        lengths[option.correct] = max(lengths[option.correct], len(option.text[language]))
    return lengths[True] > lengths[False]


def _objectives(package: ModulePackage) -> list[Problem]:
    places = {f"exercise:{e.id}" for e in package.exercises} | {f"lab:{lab.id}" for lab in package.labs}
    places |= {f"lesson:{n:02d}" for n in range(1, len(package.lessons) + 1)}
    file = f"{package.slug}/module.yaml"
    return [
        _problem(
            file,
            f"Objectif sans leçon ni exercice : {o.text.fr}.",
            f"Objective met by no lesson or exercise: {o.text.en}.",
        )
        for o in package.head.objectives
        if not o.met_by or not set(o.met_by) <= places
    ]


def _cycles(packages: Sequence[ModulePackage]) -> list[Problem]:
    left = {p.head.code: set(p.head.requires) for p in packages}
    while free := [code for code, requires in left.items() if not requires & set(left)]:
        for code in free:
            del left[code]
    names = ", ".join(sorted(left))
    return (
        [_problem("module.yaml", f"Prérequis circulaires : {names}.", f"Cyclic prerequisites: {names}.")]
        if left
        else []
    )


def _too_few_questions(packages: Sequence[ModulePackage], foundation: set[str]) -> list[Problem]:
    have = Counter((q.step.c, q.step.from_level) for p in packages for q in p.questions if not q.reserved)
    wanted: dict[tuple[str, int], int] = {}
    for package in packages:
        if not package.planned:
            number = FOUNDATION_QUESTIONS if package.head.code in foundation else OTHER_QUESTIONS
            for step in package.head.steps:
                for level in range(step.from_level, step.to):
                    wanted[step.c, level] = max(number, wanted.get((step.c, level), 0))
    return [
        _problem(
            "questions.yaml",
            f"{c} {n}→{n + 1} : {counted(have[c, n], QUESTION, QUESTION).fr}, il en faut {number}.",
            f"{c} {n}→{n + 1}: {counted(have[c, n], QUESTION, QUESTION).en}, {number} are needed.",
        )
        for (c, n), number in sorted(wanted.items())
        if have[c, n] < number
    ]


def counts(packages: Sequence[ModulePackage]) -> Mapping[str, Any]:
    """Return the size of the catalogue per module, and questions per step."""
    steps = Counter(f"{q.step.c} {q.step.from_level}→{q.step.to}" for p in packages for q in p.questions)
    modules = {
        p.head.code: {
            "minutes": p.head.minutes,
            "lessons": len(p.lessons),
            "words": {language: sum(len(x.text[language].split()) for x in p.lessons) for language in LANGUAGES},
            "questions": len(p.questions),
            "exercises": len(p.exercises),
            "labs": len(p.labs),
            "facts": len(p.head.facts),
            "situations": {language: len(p.situations[language]) for language in LANGUAGES},
        }
        for p in packages
    }
    return {
        "modules": modules,
        "questions": dict(sorted(steps.items())),
        "written": sum(not p.planned for p in packages),
    }


def _problem(file: str, fr: str, en: str) -> Problem:
    return Problem(file=file, line=1, reason=Text(fr, en))
