"""Making and revoking invitations, to a project or to the instance; the link is shown once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from apps.accounts.policy import require_administrator
from apps.core.errors import ProductError
from apps.projects import people
from apps.projects.invitations import create_invitation, revoke_invitation, send_invitation
from apps.projects.models import Invitation, Project
from apps.projects.policy import Action, roles_given_by
from apps.web.access import SignedInRequest, open_project
from apps.web.forms.page_form import mark_invalid
from apps.web.forms.people import InstanceInvitationForm, ProjectInvitationForm

InvitationForm = ProjectInvitationForm | InstanceInvitationForm


@dataclass(frozen=True, slots=True)
class MadeInvitation:
    """What is told of a new invitation, this once."""

    invitation: Invitation
    link: str
    sent: bool


def invitations_context(
    request: SignedInRequest,
    project: Project | None,
    form: InvitationForm | None = None,
    made: MadeInvitation | None = None,
) -> dict[str, Any]:
    """Return what the cards about invitations show; for people who may make them."""
    if project is None:
        form = form or InstanceInvitationForm()
        address = reverse("web:invite-person")
    else:
        form = form or ProjectInvitationForm(roles=roles_given_by(project.my_role))
        address = reverse("web:invite-member", args=[project.pk])
    mark_invalid(form)
    return {
        "project": project,
        "invite_form": form,
        "invite_address": address,
        "made": made,
        "invitations": people.open_invitations(request.user, project.pk if project else None),
    }


@require_POST
def invite_member(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Make an invitation to a project."""
    project = open_project(request, project_id, Action.CHANGE_MEMBERS)
    form = ProjectInvitationForm(request.POST, roles=roles_given_by(project.my_role))
    made = None
    if form.is_valid():
        try:
            invitation, key = people.invite(
                project_id=project.pk, invited_by=request.user, **form.arguments()
            )
        except ProductError as error:
            form.take_errors(error)
        else:
            made = _handed_over(request, invitation, key)
    return _part(request, project, form, made)


@require_POST
def invite_person(request: SignedInRequest) -> HttpResponse:
    """Make an invitation to an account on this instance."""
    require_administrator(request.user)
    form = InstanceInvitationForm(request.POST)
    made = None
    if form.is_valid():
        try:
            invitation, key = create_invitation(created_by=request.user, project=None, **form.arguments())
        except ProductError as error:
            form.take_errors(error)
        else:
            made = _handed_over(request, invitation, key)
    return _part(request, None, form, made)


@require_POST
def revoke(request: SignedInRequest, invitation_id: int) -> HttpResponse:
    """Make an invitation useless."""
    invitation = people.invitation_for(request.user, invitation_id)
    project = None
    if invitation.project_id is not None:
        project = open_project(request, invitation.project_id, Action.CHANGE_MEMBERS)
    revoke_invitation(invitation=invitation, revoked_by=request.user)
    messages.success(request, "The invitation is revoked. Whoever joined by it stays.")
    return _part(request, project)


@sensitive_variables("key")
def _handed_over(request: SignedInRequest, invitation: Invitation, key: str) -> MadeInvitation:
    link = request.build_absolute_uri(reverse("web:join", args=[key]))
    return MadeInvitation(invitation, link, send_invitation(invitation=invitation, link=link))


def _part(
    request: SignedInRequest,
    project: Project | None,
    form: InvitationForm | None = None,
    made: MadeInvitation | None = None,
) -> HttpResponse:
    failed = form is not None and bool(form.errors)
    # After a success the form is new, so that the next one starts from its defaults.
    context = invitations_context(request, project, form if failed else None, made)
    return render(request, "web/parts/invitations.html", context, status=422 if failed else 200)
