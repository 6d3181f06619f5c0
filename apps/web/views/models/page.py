"""The page of models."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET
from django_htmx.http import trigger_client_event

from apps.core.errors import NotFound
from apps.data_manager.undoing_actions import runs_of
from apps.ml.predicting.versions import VersionRow, list_versions
from apps.projects.models import Project, Sampling
from apps.projects.policy import Action, allows
from apps.projects.queries import totals_of
from apps.statistics.queries import scores
from apps.statistics.spans import score_span
from apps.web.access import SignedInRequest, open_project
from apps.web.data_manager.action_runs import shown_run
from apps.web.model_cards import BackendCard, backend_cards
from apps.web.model_quality import QualitySection, headline_of, quality_section
from apps.web.model_upcoming import ORDERS, upcoming_tasks
from apps.web.navigation import tabs_of
from apps.web.statistics_cards import scores_card

SETTLED = "models-settled"
"""The event at which the page reads itself again: something it waited for is over."""

AUTO_LABEL = "predictions_to_annotations"
SHOWN_AUTO_LABELINGS = 3


@require_GET
def models(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Show backends, versions, quality and scores; without any of them, how to begin."""
    project = open_project(request, project_id, Action.VIEW_MODELS)
    versions = list_versions(project)
    cards = backend_cards(project, request.user, versions=versions)
    context: dict[str, Any] = {
        "project": project,
        "tabs": tabs_of(project),
        "tab": "models",
        "cards": cards,
        "may_change": allows(project.my_role, Action.CHANGE_MODELS),
        "totals": totals_of([project.pk])[project.pk],
        "is_empty": not cards and not versions,
    }
    if not context["is_empty"]:
        quality = _quality(request, project)
        context |= {
            "quality": quality,
            "versions": version_rows(versions, cards, quality),
            "scores": scores_card(
                [(name, *score_span(span), count) for name, span, count in scores(project.pk)]
            ),
            "may_auto_label": allows(project.my_role, Action.CHANGE_ALL_COMPLETIONS),
            "next_order": ORDERS[Sampling(project.sampling)],
            "upcoming": upcoming_tasks(project),
            "auto_labelings": _auto_labelings(request, project),
        }
    return render(request, "web/pages/models.html", context)


@require_GET
def activity(request: SignedInRequest, project_id: int, backend_id: int) -> HttpResponse:
    """Return what a backend does at this moment; the part asks for itself again while there is something."""
    project = open_project(request, project_id, Action.VIEW_MODELS)
    found = backend_cards(project, request.user, only=backend_id)
    if not found:
        raise NotFound(f"ML backend {backend_id} was removed.")
    context = {
        "project": project,
        "card": found[0],
        "may_change": allows(project.my_role, Action.CHANGE_MODELS),
    }
    answer = render(request, "web/parts/models/activity.html", context)
    return answer if found[0].is_active else trigger_client_event(answer, SETTLED)


def version_rows(
    versions: list[VersionRow], cards: list[BackendCard], quality: QualitySection
) -> list[dict[str, Any]]:
    """Return the versions as the table shows them, each with its backend and its measure."""
    titles = {card.backend.pk: str(card.backend) for card in cards}
    measured = {report.model_version: headline_of(report) for report in quality.reports}
    return [
        {
            "row": version,
            "backend": titles.get(version.backend_id or 0, ""),
            "quality": measured.get(version.name),
        }
        for version in versions
    ]


def _quality(request: SignedInRequest, project: Project) -> QualitySection:
    return quality_section(
        project,
        request.user,
        version=request.GET.get("version"),
        ground_truth_only=request.GET.get("against") == "ground-truth",
    )


def _auto_labelings(request: SignedInRequest, project: Project) -> list[Any]:
    runs = [run for run in runs_of(project, request.user) if run.action == AUTO_LABEL]
    return [shown_run(run, request.user) for run in runs[:SHOWN_AUTO_LABELINGS]]
