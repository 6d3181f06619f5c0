"""The look and the menu of the admin panel."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy

BLUE = {
    "50": "oklch(97% .014 254.6)",
    "100": "oklch(93.2% .032 255.6)",
    "200": "oklch(88.2% .059 254.1)",
    "300": "oklch(80.9% .105 251.8)",
    "400": "oklch(70.7% .145 252.6)",
    "500": "oklch(62.3% .162 252.8)",
    "600": "oklch(53.5% .173 253.5)",
    "700": "oklch(47% .155 254)",
    "800": "oklch(41% .132 254.6)",
    "900": "oklch(36% .109 255.1)",
    "950": "oklch(27.1% .08 256.8)",
}
"""The blue of the product's pages, which is 600, in the steps the theme asks for."""


def is_administrator(request: HttpRequest) -> bool:
    """Whether the menu shows what is the administrators' alone."""
    return bool(getattr(request.user, "is_administrator", False))


def _stylesheet(request: HttpRequest) -> str:
    return static("admin_panel/panel.css")


def _favicon(request: HttpRequest) -> str:
    return static("favicon.svg")


def _entry(title: str, icon: str, name: str, **options: Any) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{name}"), **options}


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Administration",
    "SITE_HEADER": "Label Studio",
    "SITE_SUBHEADER": "Administration",
    "SITE_SYMBOL": "sell",
    "SITE_URL": "/",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": _favicon}],
    "STYLES": [_stylesheet],
    "BORDER_RADIUS": "6px",
    "COLORS": {"primary": BLUE},
    "ACCOUNT": {"navigation": [{"title": "My account", "link": reverse_lazy("web:account")}]},
    "SIDEBAR": {
        "navigation": [
            {"items": [_entry("Dashboard", "dashboard", "index")]},
            {
                "title": "Data",
                "items": [
                    _entry("Projects", "folder", "projects_project_changelist"),
                    _entry("Tasks", "list", "tasks_task_changelist"),
                    _entry("Completions", "done_all", "completions_completion_changelist"),
                    _entry("Predictions", "smart_toy", "predictions_prediction_changelist"),
                    _entry("Comments", "chat", "comments_comment_changelist"),
                    _entry("Assignments", "assignment_ind", "tasks_assignment_changelist"),
                    _entry("Leases", "lock_clock", "tasks_lease_changelist"),
                ],
            },
            {
                "title": "Models",
                "items": [
                    _entry("ML backends", "hub", "ml_mlbackend_changelist"),
                    _entry("Prediction runs", "play_circle", "ml_predictionrun_changelist"),
                    _entry("Trainings", "model_training", "ml_training_changelist"),
                ],
            },
            {
                "title": "People",
                "items": [
                    _entry("Users", "person", "accounts_user_changelist"),
                    _entry("Memberships", "group", "projects_membership_changelist"),
                    _entry("Invitations", "mail", "projects_invitation_changelist"),
                    _entry("API tokens", "key", "accounts_apitoken_changelist"),
                ],
            },
            {
                "title": "Operations",
                "items": [
                    _entry("Exports", "file_export", "exports_export_changelist"),
                    _entry("Jobs", "pending_actions", "jobs_job_changelist"),
                    _entry("Workers", "memory", "jobs_worker_changelist", permission=is_administrator),
                    _entry("Audit log", "history", "audit_entry_changelist"),
                ],
            },
        ],
    },
}
