"""Pages of the framework: domains, one competency, role profiles, one role."""

from __future__ import annotations

from flask import Blueprint, render_template

from training_platform import framework as here
from training_platform.framework import service

blueprint = Blueprint("framework", __name__, url_prefix="/framework")


@blueprint.get("/")
def index() -> str:
    """Show the domains and their competencies."""
    return render_template("framework/index.html", framework=here.current())


@blueprint.get("/competencies/<competency_id>")
def competency(competency_id: str) -> str:
    """Show one competency with its levels and who needs it."""
    framework = here.current()
    chosen = service.competency(framework, competency_id)
    roles = [role for role in framework.roles.values() if competency_id in role.targets]
    return render_template("framework/competency.html", framework=framework, competency=chosen, roles=roles)


@blueprint.get("/roles")
def roles() -> str:
    """Show the role profiles by family."""
    return render_template("framework/roles.html", framework=here.current())


@blueprint.get("/roles/<role_id>")
def role(role_id: str) -> str:
    """Show one role: its targets, and which tasks AI automates, augments or leaves unchanged."""
    framework = here.current()
    return render_template("framework/role.html", framework=framework, role=service.role(framework, role_id))
