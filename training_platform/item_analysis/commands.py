"""The command that calibrates: ``flask --app training_platform item calibrate``; to be run every night or every week."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from training_platform.db import db
from training_platform.item_analysis import calibration

items = AppGroup("item", help="Calibrate the questions by their answers.")


@items.command("calibrate")
@click.option(
    "--model",
    type=click.Choice(calibration.MODELS),
    default="rasch",
    show_default=True,
    help="2pl: discriminations of their own for questions with 1,000 answers.",
)
def calibrate(model: calibration.Model) -> None:
    """Estimate difficulties (and discriminations) and put them in use; exit with 1 where it did not converge."""
    length = calibration.competencies_answered()
    with click.progressbar(length=length, label="competencies", show_pos=True, file=sys.stderr) as bar:
        run, results = calibration.run(model, datetime.now(UTC), lambda _: bar.update(1))
    db.session.commit()
    for found in results:
        means = ", ".join(f"{kind} {mean:.2f}" for kind, mean in found.means)
        click.echo(
            f"{found.competency}: {found.answers} answers, {found.kept} of {found.questions} questions kept, "
            f"{found.free} with a discrimination of their own, moved {found.moved:.2f} levels on average; "
            f"mean levels: {means}; {found.iterations} iterations{'' if found.converged else ', NOT converged'}"
        )
    click.echo(f"{run.model}: {run.answers} answers, {run.questions} questions calibrated")
    sys.exit(0 if run.converged else 1)
