"""Members and invitations of a project over REST."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.requests import caller
from apps.core.echoed_ids import require_echoed_ids
from apps.core.errors import NotFound
from apps.projects import people
from apps.projects.invitations import revoke_invitation, send_invitation
from apps.projects.people_serializers import (
    NewInvitationSerializer,
    NewMemberSerializer,
    RoleSerializer,
    invitation_document,
    member_document,
)
from apps.projects.policy import Action
from apps.projects.queries import members_of, project_for


class MembersView(APIView):
    """The members of a project."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, project_id: str) -> Response:
        """List them, owners first; `search` looks into names and addresses."""
        project = project_for(caller(request), int(project_id), Action.VIEW_MEMBERS)
        members = members_of(project).matching(request.query_params.get("search", ""))
        return Response([member_document(member) for member in members])

    @extend_schema(request=NewMemberSerializer, responses={201: dict})
    def post(self, request: Request, project_id: str) -> Response:
        """Make somebody who has an account a member."""
        project = project_for(caller(request), int(project_id), Action.CHANGE_MEMBERS)
        require_echoed_ids(request.data, project=project.pk)
        form = NewMemberSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        member = people.add_member(project_id=project.pk, added_by=caller(request), **form.validated_data)
        return Response(member_document(member), status=status.HTTP_201_CREATED)


class MemberView(APIView):
    """One member of a project."""

    @extend_schema(request=RoleSerializer, responses={200: dict})
    def patch(self, request: Request, project_id: str, user_id: str) -> Response:
        """Change their role."""
        project = project_for(caller(request), int(project_id), Action.CHANGE_MEMBERS)
        require_echoed_ids(request.data, project=project.pk, user=int(user_id))
        form = RoleSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        changed = people.change_role(
            project_id=project.pk,
            user_id=int(user_id),
            role=form.validated_data["role"],
            changed_by=caller(request),
        )
        return Response(member_document(changed))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, project_id: str, user_id: str) -> Response:
        """Take them out of the project; everybody may leave by themself."""
        project = project_for(caller(request), int(project_id), Action.VIEW_MEMBERS)
        people.take_out(project_id=project.pk, user_id=int(user_id), taken_out_by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class InvitationsView(APIView):
    """The invitations to a project."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request, project_id: str) -> Response:
        """List those that can still be used."""
        project = project_for(caller(request), int(project_id), Action.CHANGE_MEMBERS)
        invitations = people.open_invitations(caller(request), project.pk)
        return Response([invitation_document(invitation) for invitation in invitations])

    @extend_schema(request=NewInvitationSerializer, responses={201: dict})
    def post(self, request: Request, project_id: str) -> Response:
        """Make one; the link is in this answer only, and e-mailed when the server can."""
        project = project_for(caller(request), int(project_id), Action.CHANGE_MEMBERS)
        require_echoed_ids(request.data, project=project.pk)
        form = NewInvitationSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        invitation, key = people.invite(project_id=project.pk, invited_by=caller(request), **form.arguments())
        link = request.build_absolute_uri(f"/invite/{key}")
        sent = send_invitation(invitation=invitation, link=link)
        body = {**invitation_document(invitation), "link": link, "sent": sent}
        return Response(body, status=status.HTTP_201_CREATED)


class InvitationView(APIView):
    """One invitation."""

    @extend_schema(responses={204: None})
    def delete(self, request: Request, project_id: str, invitation_id: str) -> Response:
        """Revoke it; memberships it gave stay."""
        project = project_for(caller(request), int(project_id), Action.CHANGE_MEMBERS)
        invitation = people.invitation_for(caller(request), int(invitation_id))
        if invitation.project_id != project.pk:
            raise NotFound(f"There is no invitation {invitation_id} to this project.")
        revoke_invitation(invitation=invitation, revoked_by=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
