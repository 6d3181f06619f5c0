from django.contrib import admin

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
