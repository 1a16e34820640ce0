"""Commands: ``flask --app training_platform <command>``; each commits once, at its end."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from pathlib import Path

import click
import flask_migrate
from flask import Flask, current_app
from flask.cli import AppGroup
from sqlalchemy import func, select

from training_platform import demo, framework, matching
from training_platform.accounts import service as accounts
from training_platform.accounts.models import Person
from training_platform.awards import keys
from training_platform.awards.site import site
from training_platform.cases import check as cases
from training_platform.cases.package import read_cases
from training_platform.catalogue import check, package, spelling
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import ModulePackage
from training_platform.db import db
from training_platform.exams.check import check_banks
from training_platform.matching import service as matcher
from training_platform.organisation.models import Grant, Unit
from training_platform.recommendations import batch, record, tasks
from training_platform.reviews import fit
from training_platform.studio import tasks as publication
from training_platform.tracks import check as track_check
from training_platform.tracks import service as tracks

content = AppGroup("content", help="Check, import and export the catalogue.")
paths = AppGroup("path", help="Re-plan everybody, forget old decision records.")
index = AppGroup("index", help="The vectors of catalogue, roles and competencies.")
studio = AppGroup("studio", help="What the studio does at a given time.")
review = AppGroup("review", help="The checks of what was learnt.")
demo_hospital = AppGroup("demo", help="The fictional hospital group: create it, remove it.")


def init_app(app: Flask) -> None:
    """Attach the commands."""
    app.cli.add_command(content)
    app.cli.add_command(demo_hospital)
    app.cli.add_command(paths)
    app.cli.add_command(index)
    app.cli.add_command(studio)
    app.cli.add_command(review)
    app.cli.add_command(prepare)


def _read(paths: Iterable[Path], slugs: Collection[str] = ()) -> list[ModulePackage]:
    """Read module folders; print every problem and stop where one (of SLUGS, if given) is unreadable."""
    packages = [_read_one(path, strict=not slugs or path.name in slugs) for path in paths]
    if any(isinstance(found, package.PackageError) for found in packages):
        sys.exit(1)
    return [found for found in packages if isinstance(found, ModulePackage)]


def _read_one(path: Path, *, strict: bool = True) -> ModulePackage | package.PackageError | None:
    """Read a folder or a zip; print its problems and return the error, or None where nobody asked for it."""
    try:
        return package.read_folder(path) if path.is_dir() else package.read_zip(path.read_bytes())
    except package.PackageError as error:
        if not strict:
            return None
        for problem in error.problems:
            click.echo(f"{path.name}/{problem}", err=True)
        return error


def _content_folder() -> Path:
    return Path(current_app.extensions["settings"].content_folder)


def _module_folders() -> list[Path]:
    return sorted((_content_folder() / "modules").iterdir())


@content.command("check")
@click.option("--json", "as_json", is_flag=True, help="Print the counts per module, step and language as JSON.")
@click.argument("slugs", nargs=-1)
def check_content(as_json: bool, slugs: tuple[str, ...]) -> None:
    """Check the shipped catalogue, or only the modules of SLUGS; exit with 1 where something is wrong."""
    packages = _read(_module_folders(), slugs)
    problems = check.check_catalogue(packages, framework.current(), tracks.current(_content_folder())["T1"].modules)
    problems += track_check.check_tracks(
        tracks.current(_content_folder()),
        {found.head.code: not found.planned for found in packages},
        framework.current(),
    )
    problems += check_banks(tracks.current(_content_folder()), packages, framework.current())
    glossary = spelling.read_glossary(_content_folder())
    problems += [problem for found in packages if not found.planned for problem in spelling.misspelt(found, glossary)]
    problems += _check_cases(packages, glossary)
    if slugs:
        wanted = {*slugs, *(f"{slug}.yaml" for slug in slugs), "questions.yaml"}
        problems = [p for p in problems if wanted & set(p.file.split("/"))]
    for problem in problems:
        click.echo(str(problem), err=True)
    counts = check.counts(packages)
    if as_json:
        click.echo(json.dumps(counts, ensure_ascii=False, indent=1))
    else:
        click.echo(f"{len(packages)} modules, {counts['written']} written, {len(problems)} problems")
    sys.exit(1 if problems else 0)


def _check_cases(packages: Collection[ModulePackage], glossary: dict[str, set[str]]) -> list[package.Problem]:
    folder = _content_folder()
    modules = {found.head.code for found in packages}
    try:
        found = list(read_cases(folder).values())
    except package.PackageError as error:
        return list(error.problems)
    return cases.check_cases(found, framework.current(), modules, set(tracks.current(folder)), glossary)


@content.command("table")
def table() -> None:
    """Print the catalogue's size per domain as a Markdown table."""
    packages = [p for p in _read(_module_folders()) if not p.planned]
    click.echo("| domain | modules | minutes | words fr / en | questions | facts cited |\n|---|--:|--:|--:|--:|--:|")
    for domain in framework.current().domains:
        own = [p for p in packages if p.head.domain == domain]
        words = [sum(len(x.text[language].split()) for p in own for x in p.lessons) for language in ("fr", "en")]
        facts = {fact for p in own for fact in p.head.facts}
        sizes = (
            len(own),
            sum(p.head.minutes for p in own),
            f"{words[0]} / {words[1]}",
            sum(len(p.questions) for p in own),
            len(facts),
        )
        click.echo(f"| {domain} | {' | '.join(map(str, sizes))} |")


@content.command("import")
@click.option("--overwrite", is_flag=True, help="Replace modules edited here by the shipped ones.")
@click.argument("source", required=False, type=click.Path(exists=True, path_type=Path))
def import_content(overwrite: bool, source: Path | None) -> None:
    """Import the shipped catalogue, or one folder or zip; what was edited here is kept unless --overwrite."""
    if source is None:
        packages = _read(_module_folders())
    else:
        found = _read_one(source)
        if not isinstance(found, ModulePackage):
            sys.exit(1)
        packages = [found]
    report = catalogue.import_shipped(packages, datetime.now(UTC), overwrite=overwrite)
    if report.added or report.updated:
        tasks.replan_soon("catalogue")
    db.session.commit()
    click.echo(
        f"{len(report.added)} added, {len(report.updated)} updated, {len(report.unchanged)} unchanged, "
        f"{len(report.kept_local)} kept as edited here"
    )


@content.command("export")
@click.argument("slug")
@click.argument("target", type=click.Path(path_type=Path))
def export_content(slug: str, target: Path) -> None:
    """Write a live module as a zip (TARGET ends with .zip) or as a folder below TARGET."""
    found = catalogue.package_of(catalogue.live_by_slug(slug).version_id)
    if target.suffix == ".zip":
        target.write_bytes(package.write_zip(found))
    else:
        package.write_folder(found, target)
    click.echo(f"{slug} written to {target}")


@demo_hospital.command("create")
def create_demo() -> None:
    """Create the fictional hospital group with 600 people, and print its sign-in links."""
    demo.create(framework.current(), _content_folder(), datetime.now(UTC))
    db.session.commit()
    _print_links()


@demo_hospital.command("links")
def demo_links() -> None:
    """Print fresh one-time sign-in links."""
    _print_links()


@demo_hospital.command("remove")
def remove_demo() -> None:
    """Remove the fictional hospital group and all that hangs on it."""
    click.echo(f"{demo.remove()} people removed")
    db.session.commit()


@paths.command("replan")
@click.option("--reason", default="asked for by hand", show_default=True, help="What changed.")
def replan(reason: str) -> None:
    """Do the unfinished jobs, or else a new one for everybody: by the workers where a broker is set, here otherwise."""
    settings = current_app.extensions["settings"]
    jobs = batch.unfinished() or [batch.open_job(reason, datetime.now(UTC))]
    db.session.commit()
    for job in jobs:
        if settings.broker:
            click.echo(f"job {job}: {tasks.send(job)} chunks handed to the workers")
        else:
            _replan_here(job)


def _replan_here(job: int) -> None:
    """Do a job in this process, with a bar; killed, it goes on from the last chunk done."""

    def do(chunk_id: int) -> None:
        batch.replan_chunk(chunk_id, framework.current(), datetime.now(UTC), matching.current())
        db.session.commit()

    people = batch.progress(job).people
    with click.progressbar(length=people, label=f"job {job}", show_pos=True) as bar:
        bar.update(batch.progress(job).done)
        for state in batch.run(job, do):
            bar.update(state.done - bar.pos)
    click.echo(f"{people} people, {batch.progress(job).changed} paths changed")


@paths.command("forget")
def forget() -> None:
    """Delete decision records older than SILLAGE_DECISION_MONTHS; to be run every night."""
    months = current_app.extensions["settings"].decision_months
    click.echo(f"{record.forget(months, datetime.now(UTC))} records older than {months} months deleted")
    db.session.commit()


@studio.command("publish-due")
def publish_due() -> None:
    """Publish what was scheduled up to now; to be run every few minutes where no celery beat does it."""
    for outcome in publication.publish_all_due(datetime.now(UTC)):
        said = f"version {outcome.version}" if outcome.version else f"not published, {len(outcome.problems)} problems"
        click.echo(f"{outcome.slug}: {said}")


@review.command("optimise")
def optimise() -> None:
    """Fit the parameters of forgetting to everybody's checks; kept only where they predict better."""
    found = fit.fit(datetime.now(UTC))
    if found is None:
        click.echo(f"{fit.count_checks()} checks: too few, more than {fit.ENOUGH} are needed; nothing is changed")
        return
    db.session.commit()
    verdict = "kept" if found.kept else "not kept: it predicts no better"
    click.echo(f"{found.checks} checks, log loss {found.loss_before:.4f} → {found.loss_after:.4f}, {verdict}")


@index.command("build")
def build_index() -> None:
    """Encode the live catalogue, roles and competencies and save the indexes (SILLAGE_INDEX_KIND: exact, hnsw, ivf)."""
    count = matcher.build_indexes(framework.current(), matching.current())
    click.echo(f"index: {count} passages in {matching.current().folder}")


@click.command("prepare")
@click.option("--migrate", is_flag=True, help="First bring the database to the newest version of its tables.")
@click.option("--empty", is_flag=True, help="No demo hospital: create the first administrator only.")
def prepare(migrate: bool, empty: bool) -> None:
    """Bring content in and fill an empty database; print sign-in links. Safe to run again."""
    if migrate:
        flask_migrate.upgrade()
    now = datetime.now(UTC)
    report = _import_changed(now)
    db.session.commit()
    click.echo(
        f"catalogue: {len(report.added)} added, {len(report.updated)} updated, {len(report.kept_local)} kept as edited here"
    )
    _store_tracks(now)
    if db.session.scalar(select(func.count()).select_from(Person)) == 0:
        if empty:
            _first_administrator(now)
        else:
            click.echo("demo hospital: creating 600 fictional people…")
            demo.create(framework.current(), _content_folder(), now)
        db.session.commit()
    keys.signer(site(), now)
    db.session.commit()
    matcher.build_indexes(framework.current(), matching.current())
    _print_links()


def _import_changed(now: datetime) -> catalogue.ImportReport:
    """Read and import what differs from the files that the live modules came from."""
    known, folders = catalogue.shipped_files(), _module_folders()
    files = {path.name: package.fingerprint(path) for path in folders if path.is_dir()}
    return catalogue.import_shipped(_read(p for p in folders if files.get(p.name) not in known), now, files=files)


def _store_tracks(now: datetime) -> None:
    """Keep the current version of each track for good; say where one changed without a new number."""
    stored = tracks.store(tracks.current(_content_folder()).values(), now)
    db.session.commit()
    click.echo(f"certifications: {len(stored.added)} new versions")
    for track_id in stored.changed:
        click.echo(
            f"{track_id} differs from what is stored under its version: raise the number in tracks.yaml", err=True
        )


def _first_administrator(now: datetime) -> None:
    nation = Unit(code="FR", kind="nation", name="France")
    person = accounts.create_person("admin@localhost", "Administration", now)
    db.session.add(nation)
    db.session.flush()
    db.session.add(Grant(person_id=person.id, unit_id=nation.id, right="administrator"))


def _print_links() -> None:
    """Print a one-time sign-in link for each demo audience, or for administrators who never signed in."""
    now = datetime.now(UTC)
    url = current_app.extensions["settings"].public_url
    for label, person in demo.audiences() or _administrators():
        token = accounts.issue_link(person, "demo" if person.demo else "invitation", now)
        click.echo(f"  {label:18} {url}/link/{token}")
    db.session.commit()


def _administrators() -> list[tuple[str, Person]]:
    rows = db.session.scalars(
        select(Person)
        .join(Grant, Grant.person_id == Person.id)
        .where(Grant.right == "administrator", Person.password_hash.is_(None))
    ).unique()
    return [("administrator", person) for person in rows]
