"""Projects, memberships and invitations in the admin panel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.accounts.requests import caller
from apps.core.admin_panel.confirming import confirmed
from apps.core.admin_panel.filters import ProjectFilter
from apps.core.admin_panel.scoped import ScopedAdmin, ScopedChangeList
from apps.projects.archiving import archive_project, unarchive_project
from apps.projects.deletion import request_deletion
from apps.projects.invitations import revoke_invitation
from apps.projects.membership import hand_over_project, person_by_email, remove_member, set_member
from apps.projects.models import MAX_OVERLAP, Invitation, Membership, Project
from apps.projects.policy import Action, Role, allows, require, require_giving, roles_given_by
from apps.projects.queries import Totals, role_in, totals_of
from apps.projects.services import update_project


class ProjectChangeList(ScopedChangeList):
    """Projects with their running totals, read together."""

    def get_results(self, request: HttpRequest) -> None:
        """Read a page and its totals."""
        super().get_results(request)
        totals = totals_of([project.pk for project in self.result_list])
        for project in self.result_list:
            project.totals = totals[project.pk]


class OverlapForm(forms.Form):
    """Asks for an overlap."""

    overlap = forms.IntegerField(
        min_value=1, max_value=MAX_OVERLAP, initial=1, label="People who label each task"
    )


class NewOwnerForm(forms.Form):
    """Asks who is to own projects."""

    email = forms.EmailField(
        label="E-mail of the new owner", help_text="Of somebody who has an account here."
    )


@admin.register(Project)
class ProjectAdmin(ScopedAdmin[Project]):
    """Projects; their labeling config is changed on their settings page, which checks and previews it."""

    project_path = "pk"
    is_audited = True
    list_display = (
        "title_or_number",
        "id",
        "progress",
        "tasks",
        "completions",
        "overlap",
        "created_by",
        "created_at",
    )
    list_display_links = ("title_or_number",)
    list_select_related = ("created_by",)
    list_defer = ("label_config", "instruction", "client_settings")
    list_filter = ("sampling", ("archived_at", admin.EmptyFieldListFilter))
    search_fields = ("title", "description")
    search_help_text = "Title, description or number"
    finds_by_id = True
    sortable_by = ("id", "created_at")
    ordering = ("-id",)
    fields = (
        "title", "description", "overlap", "sampling", "handing_out", "ground_truth_every", "skip_rule",
        "show_skip_button", "show_instruction", "allow_empty_completions", "show_completions_to_annotators",
        "show_predictions", "model_version", "config", "created_by", "created_at", "updated_at", "archived_at",
    )  # fmt: skip
    readonly_fields = ("config", "created_by", "created_at", "updated_at", "archived_at")
    actions = ("change_overlap", "hand_over", "archive", "unarchive", "delete_projects")

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ScopedChangeList]:
        """Return the list that knows the totals."""
        return ProjectChangeList

    def view_on_site(self, project: Project) -> str:
        """The project's overview."""
        return reverse("web:overview", args=[project.pk])

    def has_change_permission(self, request: HttpRequest, obj: Project | None = None) -> bool:
        """As the policy has it."""
        if obj is None:
            return self.has_view_permission(request)
        return allows(obj.my_role, Action.CHANGE_PROJECT)

    def save_model(self, request: HttpRequest, obj: Project, form: ModelForm[Project], change: bool) -> None:
        """Store the settings that were changed; the others stay as somebody else may just have set them."""
        changed = {name: form.cleaned_data[name] for name in form.changed_data}
        update_project(project_id=obj.pk, changed_by=caller(request), **changed)

    @admin.display(description="title")
    def title_or_number(self, project: Project) -> str:
        """The name people know it by."""
        return str(project)

    @admin.display(description="labeled")
    def progress(self, project: Any) -> str:
        """How far it is."""
        totals: Totals = project.totals
        return f"{totals.percent_labeled} %"

    @admin.display(description="tasks")
    def tasks(self, project: Any) -> str:
        """How many tasks it has."""
        return f"{project.totals.tasks:,}"

    @admin.display(description="completions")
    def completions(self, project: Any) -> str:
        """How many completions it has."""
        return f"{project.totals.completions:,}"

    @admin.display(description="labeling config")
    def config(self, project: Project) -> SafeString:
        """The XML, to read."""
        return format_html('<pre class="admin-json" tabindex="0">{}</pre>', project.label_config)

    @admin.action(description="Change overlap…")
    @confirmed(
        question="Change the overlap of {rows}? Jobs bring it to the tasks.",
        button="Change overlap",
        form_class=OverlapForm,
    )
    def change_overlap(self, request: HttpRequest, projects: Sequence[Project], overlap: int) -> str:
        """Set how many people label each task."""
        for project in projects:
            require(project.my_role, Action.CHANGE_PROJECT)
            update_project(project_id=project.pk, changed_by=caller(request), overlap=overlap)
        return f"The overlap is {overlap} in {{rows}}; jobs bring it to the tasks."

    @admin.action(description="Reassign…")
    @confirmed(
        question="Give {rows} a new owner? Whoever owns them now stays as a manager.",
        button="Reassign projects",
        form_class=NewOwnerForm,
    )
    def hand_over(self, request: HttpRequest, projects: Sequence[Project], email: str) -> str:
        """Make somebody else the owner."""
        new_owner = person_by_email(email)
        for project in projects:
            require_giving(project.my_role, Role.OWNER)
            hand_over_project(project_id=project.pk, to=new_owner, handed_over_by=caller(request))
        return f"Reassigned {{rows}} to {new_owner}."

    @admin.action(description="Archive…")
    @confirmed(
        question="Archive {rows}? All is kept, but nobody labels there until they are brought back.",
        button="Archive projects",
    )
    def archive(self, request: HttpRequest, projects: Sequence[Project]) -> str:
        """Put projects aside."""
        for project in projects:
            require(project.my_role, Action.ARCHIVE_PROJECT)
            archive_project(project_id=project.pk, archived_by=caller(request))
        return "Archived {rows}."

    @admin.action(description="Bring back from the archive…")
    @confirmed(
        question="Bring {rows} back? People can label there again.",
        button="Bring projects back",
    )
    def unarchive(self, request: HttpRequest, projects: Sequence[Project]) -> str:
        """Bring archived projects back."""
        for project in projects:
            require(project.my_role, Action.ARCHIVE_PROJECT)
            unarchive_project(project_id=project.pk, unarchived_by=caller(request))
        return "Brought {rows} back."

    @admin.action(description="Delete…")
    @confirmed(
        question="Delete {rows}, with all tasks, completions and predictions? Nothing of it comes back.",
        button="Delete projects",
    )
    def delete_projects(self, request: HttpRequest, projects: Sequence[Project]) -> str:
        """Hide projects at once; jobs delete their rows."""
        for project in projects:
            require(project.my_role, Action.DELETE_PROJECT)
            request_deletion(project=project, requested_by=caller(request))
        return "Deleted {rows}; jobs delete the tasks."


@admin.register(Membership)
class MembershipAdmin(ScopedAdmin[Membership]):
    """Who belongs to which project; people are added on its members page."""

    list_display = ("user", "project", "role", "created_at")
    list_select_related = ("user", "project")
    list_filter = ("role", ProjectFilter)
    search_fields = ("user__email", "user__first_name", "user__last_name")
    search_help_text = "Name or e-mail"
    sortable_by = ("created_at",)
    fields = ("user", "project", "role", "created_at")
    readonly_fields = ("user", "project", "created_at")
    actions = ("remove",)

    def has_change_permission(self, request: HttpRequest, obj: Membership | None = None) -> bool:
        """Members whose role the person may give or take."""
        if obj is None:
            return self.has_view_permission(request)
        return obj.role in _roles_given_in(request, obj.project_id)

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Offer only roles that the person may give in the project of this membership."""
        match = request.resolver_match
        object_id = match.kwargs.get("object_id") if match else None
        if db_field.name == "role" and object_id is not None:
            member = self.get_object(request, object_id)
            options["choices"] = [
                (role.value, role.label) for role in _roles_given_in(request, member.project_id)
            ]
        return super().formfield_for_choice_field(db_field, request, **options)

    def save_model(
        self, request: HttpRequest, obj: Membership, form: ModelForm[Membership], change: bool
    ) -> None:
        """Give the member another role, if the person may take the one and give the other."""
        role = role_in(caller(request), obj.project_id)
        require(role, Action.CHANGE_MEMBERS)
        require_giving(str(role), form.initial["role"])
        require_giving(str(role), form.cleaned_data["role"])
        set_member(
            project_id=obj.project_id,
            user=obj.user,
            role=form.cleaned_data["role"],
            changed_by=caller(request),
        )

    @admin.action(description="Remove…")
    @confirmed(
        question="Remove {rows}? Completions stay.",
        button="Remove members",
    )
    def remove(self, request: HttpRequest, members: Sequence[Membership]) -> str:
        """Take people out of projects."""
        for member in members:
            role = role_in(caller(request), member.project_id)
            require(role, Action.CHANGE_MEMBERS)
            require_giving(str(role), member.role)
            remove_member(project_id=member.project_id, user_id=member.user_id, removed_by=caller(request))
        return "Removed {rows}."


def _roles_given_in(request: HttpRequest, project_id: int) -> Sequence[Any]:
    role = role_in(caller(request), project_id)
    return roles_given_by(role) if role else ()


@admin.register(Invitation)
class InvitationAdmin(ScopedAdmin[Invitation]):
    """Invitations; neither their links nor digests are shown."""

    is_audited = True
    list_display = (
        "project",
        "role",
        "email",
        "created_by",
        "created_at",
        "expires_at",
        "uses",
        "max_uses",
        "revoked_at",
    )
    list_select_related = ("project", "created_by")
    list_filter = ("role", ProjectFilter)
    search_fields = ("email",)
    search_help_text = "E-mail"
    sortable_by = ("created_at", "expires_at")
    fields = (
        "project", "role", "global_role", "email", "created_by", "created_at", "expires_at", "max_uses", "uses",
        "revoked_at",
    )  # fmt: skip
    actions = ("revoke",)

    @admin.action(description="Revoke…")
    @confirmed(
        question="Revoke {rows}? The links stop working; who joined stays.",
        button="Revoke invitations",
    )
    def revoke(self, request: HttpRequest, invitations: Sequence[Invitation]) -> str:
        """Make invitations useless."""
        for invitation in invitations:
            if invitation.project_id is not None:
                require(role_in(caller(request), invitation.project_id), Action.CHANGE_MEMBERS)
            revoke_invitation(invitation=invitation, revoked_by=caller(request))
        return "Revoked {rows}."
