"""Pages where a module is written: begun, edited, saved as one types, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import generate_csrf

from training_platform import framework
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import ModulePackage
from training_platform.catalogue.package import Problem
from training_platform.studio import drafts, editing, inserting, places, service, starting
from training_platform.studio.drafts import Opened, Saved
from training_platform.studio.editing import Errors
from training_platform.studio.routes import blueprint
from training_platform.studio.rules import translation
from training_platform.web.access import login_required
from training_platform.web.i18n import t
from training_platform.web.typed import typed


@blueprint.get("/modules/new")
@login_required
def begin() -> str:
    """Show the form for a new module."""
    return _new_module({})


def _new_module(errors: Errors) -> str:
    units = starting.units_of(current_user.id)
    return render_template(
        "studio/new.html",
        errors=errors,
        typed=request.form,
        units=units,
        framework=framework.current(),
        longest_title=starting.LONGEST_TITLE,
    )


@blueprint.post("/modules/new")
@login_required
def create() -> ResponseReturnValue:
    """Start a module and open it."""
    fields = {name: typed(request.form, name) for name in request.form}
    module, errors = starting.start(current_user.id, fields, framework.current(), datetime.now(UTC))
    if module is None:
        return _new_module(errors), 422
    return redirect(url_for(".edit", slug=module.slug))


@blueprint.get("/<slug>")
@login_required
def edit(slug: str) -> ResponseReturnValue:
    """Show the editor on the draft, or on what is live."""
    opened = drafts.open_draft(current_user.id, slug, datetime.now(UTC))
    return _editor(opened, opened.package, {}, [], editing.fields_of(opened.package))


def _editor(
    opened: Opened,
    package: ModulePackage,
    errors: Errors,
    conflicts: list[dict[str, Any]],
    values: dict[str, str],
    seen: str = "",
) -> ResponseReturnValue:
    edited = opened.edited
    current, pairs = framework.current(), translation.pairs_of(package)
    others = drafts.colleagues(edited, current_user.id, datetime.now(UTC))
    page = render_template(
        "studio/edit.html",
        slug=edited.slug,
        edited=edited,
        package=package,
        opened=opened,
        seen=seen,
        values=values,
        errors=errors,
        conflicts=conflicts,
        key_of=editing.key_of,
        framework=current,
        bloom=editing.BLOOM_NAMES,
        lags=translation.lags(drafts.marks_of(edited.module_id), pairs),
        colleagues=others,
        presence=presence([one.name for one in others]),
        used=inserting.used_pictures(package),
        modules=catalogue.live_modules(),
        undo=request.args.get("undo", type=int),
        has_draft=catalogue.draft_of(edited.module_id) is not None,
    )
    return page, 422 if errors or conflicts else 200


@blueprint.post("/<slug>")
@login_required
def save(slug: str) -> ResponseReturnValue:
    """Keep the draft, merged with what others saved since; or show all that was typed and what is to decide."""
    fields = {name: typed(request.form, name) for name in request.form}
    action = fields.get("do", "save")
    current, codes = framework.current(), {live.code for live in catalogue.live_modules()}

    def change(package: ModulePackage) -> tuple[ModulePackage, Errors]:
        changed, errors = editing.change(package, fields, current, codes)
        return (changed if errors else editing.reshape(changed, action)), errors

    saved = drafts.save(
        current_user.id, slug, number(fields, "base"), fields.get("editor", ""), change, datetime.now(UTC),
        seen=fields.get("seen", ""),
    )  # fmt: skip
    if wants_json():
        return jsonify(answer(saved, editing.fields_of))
    if saved.errors or saved.theirs:
        opened = Opened(
            edited=service.editable(current_user.id, slug),
            package=saved.package,
            token=fields.get("editor", ""),
            base=number(fields, "base") if saved.errors else 0,
        )
        values = editing.fields_of(saved.package) | (fields if saved.errors else {})
        return _editor(opened, saved.package, saved.errors, conflicts_of(saved, editing.fields_of), values, saved.seen)
    return _after_saving(slug, action, saved, number(fields, "base"))


def _after_saving(slug: str, action: str, saved: Saved, before: int) -> ResponseReturnValue:
    verb, _, key = action.partition(":")
    if verb == "level":
        drafts.level(current_user.id, slug, key)
    flash(said(saved), "good")
    if verb == "remove":
        return redirect(url_for(".edit", slug=slug, undo=before))
    anchor = {"up": f"lesson-{key}", "down": f"lesson-{key}", "add": "add-lesson"}.get(verb)
    return redirect(url_for(".edit", slug=slug, _anchor=anchor))


@blueprint.post("/<slug>/restore")
@login_required
def restore(slug: str) -> ResponseReturnValue:
    """Bring back what the draft said before a removal; what others changed since stays."""
    edited = service.editable(current_user.id, slug)
    now, base = datetime.now(UTC), number(request.form, "base")
    before = drafts.revision(edited.module_id, number(request.form, "revision"), service.working_copy(edited))
    if before is None:
        flash(t("Cette version du brouillon n'est plus gardée.", "This state of the draft is no longer kept."), "warn")
    else:
        drafts.save(current_user.id, slug, base, "", lambda _: (before, {}), now)
        flash(t("C'est revenu.", "It is back."), "good")
    if (back := request.form.get("next", "")) == "questions":
        return redirect(url_for(".bank", slug=slug))
    return redirect(url_for(".edit", slug=slug, _anchor=back or None))


@blueprint.get("/<slug>/pulse")
@login_required
def pulse(slug: str) -> ResponseReturnValue:
    """Hear that an editor is open; say who else is at work, and lend a fresh token after signing in again."""
    others = drafts.heard(current_user.id, slug, request.args.get("editor", ""), datetime.now(UTC))
    return jsonify(people=presence([one.name for one in others]), token=generate_csrf(), person=str(current_user.id))


def presence(names: list[str]) -> str:
    """Say who else is at work on the module."""
    if not names:
        return ""
    people = ", ".join(names)
    return t(f"{people} écrit aussi dans ce module.", f"{people} is also writing in this module.") if len(names) == 1 else t(
        f"{people} écrivent aussi dans ce module.", f"{people} are also writing in this module."
    )  # fmt: skip


def wants_json() -> bool:
    """Tell whether the editor's script asks rather than the browser."""
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


def number(fields: Any, name: str) -> int:
    """Return a whole number of a form, 0 where there is none."""
    text = str(fields.get(name, ""))
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def said(saved: Saved) -> str:
    """Say what a save did, the changes of others that it took in included."""
    if not saved.brought:
        return t(
            "Brouillon enregistré. Les lecteurs ne le voient pas encore.", "Draft saved. Readers do not see it yet."
        )
    people = ", ".join(saved.by) or t("quelqu'un", "somebody")
    return t(
        f"Brouillon enregistré, avec les changements que {people} avait faits entre-temps.",
        f"Draft saved, with the changes that {people} had made meanwhile.",
    )


def answer(saved: Saved, fields_of: Any) -> dict[str, Any]:
    """Return for the editor's script: what to show, what others changed, what to correct, what to decide."""
    now, mine = fields_of(saved.package), fields_of(saved.mine)
    return {
        "state": "conflict" if saved.theirs else "partial" if saved.errors else "saved",
        "base": saved.base,
        "said": said(saved) if saved.brought else "",
        "fields": {name: value for name, value in now.items() if mine.get(name) != value},
        "gone": [name for name in mine if name not in now],
        "errors": {name: t(text) for name, text in saved.errors.items()},
        "conflicts": conflicts_of(saved, fields_of),
    }


def conflicts_of(saved: Saved, fields_of: Any) -> list[dict[str, Any]]:
    """Return field by field both texts where two people changed the same words."""
    if saved.theirs is None:
        return []
    mine, theirs = fields_of(saved.package), fields_of(saved.theirs)
    names = [name for name in [*mine, *(n for n in theirs if n not in mine)] if mine.get(name) != theirs.get(name)]
    return [
        {
            "field": name,
            "label": t(editing.label_of(name, saved.package)),
            "by": ", ".join(saved.by) or t("quelqu'un d'autre", "somebody else"),
            "mine": mine.get(name, ""),
            "theirs": theirs.get(name, ""),
            "pieces": [vars(piece) for piece in translation.changes(mine.get(name, ""), theirs.get(name, ""))],
        }
        for name in names
    ]


@blueprint.app_template_filter("mended")
def mended(problems: Sequence[Problem], slug: str) -> list[tuple[Problem, str]]:
    """Return each problem of a draft with the address where it is mended."""
    package = service.working_copy(service.editable(current_user.id, slug))
    return [(problem, _address(slug, places.place_of(problem, package))) for problem in problems]


def _address(slug: str, place: places.Place) -> str:
    if place.question:
        return url_for("studio.question", slug=slug, owner=place.owner, key=place.question)
    if place.owner:
        return url_for("studio.bank", slug=slug)
    return url_for("studio.edit", slug=slug, _anchor=place.anchor)
