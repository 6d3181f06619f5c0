from django.contrib import admin
from django.http import HttpRequest

from apps.projects.models import Membership, Project


class MembershipInline(admin.TabularInline[Membership, Project]):
    model = Membership
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Project)
class ProjectAdmin(admin.ModelAdmin[Project]):
    list_display = ("id", "title", "created_by", "created_at")
    list_select_related = ("created_by",)
    search_fields = ("title", "description")
    inlines = (MembershipInline,)

    def has_delete_permission(self, request: HttpRequest, obj: Project | None = None) -> bool:
        """Projects are deleted by a job, from their settings page: here it would load every task."""
        return False
