"""What a project is and how far it is."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from apps.completions.queries import count_by_person
from apps.core.errors import ValidationFailed
from apps.projects.models import Project
from apps.projects.policy import Action, allows
from apps.projects.queries import members_of, totals_of
from apps.statistics.charts import Statistics, names_of
from apps.statistics.freshness import bring_up_to_date
from apps.statistics.queries import beginning_of, completions_by, recent_activity
from apps.statistics.ranges import DayRange, read_range, zone_named
from apps.web.access import SignedInRequest, open_project
from apps.web.navigation import tabs_of
from apps.web.statistics_cards import cards_of

TIME_ZONE_COOKIE = "time_zone"
"""Set by the page's script to the time zone of the browser, so that days are those of the person."""

RANGES = (("7", "7 days"), ("30", "30 days"), ("90", "90 days"), ("365", "1 year"), ("all", "All"))


@require_GET
def overview(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Show progress, people, charts, and the next steps while the project is being set up.

    With htmx only the charts are sent, in other days.
    """
    project = open_project(request, project_id, Action.VIEW_PROJECT)
    totals = totals_of([project.pk])[project.pk]
    context = {"project": project, "totals": totals, "may_label": allows(project.my_role, Action.LABEL)}
    if totals.tasks or totals.predictions:
        context |= _statistics(request, project)
    if request.htmx and not request.htmx.history_restore_request:
        answer = render(request, "web/parts/statistics.html", context)
    else:
        answer = render(
            request,
            "web/pages/overview.html",
            context | _page(request, project, totals, is_counted=_is_counted(context)),
        )
    patch_vary_headers(answer, ["HX-Request"])
    return answer


def _is_counted(context: dict[str, Any]) -> bool:
    """Whether all answers stand in the statistics at this moment."""
    freshness = context.get("freshness")
    return freshness is not None and freshness.exact


def _my_completions(request: SignedInRequest, project: Project, *, is_counted: bool) -> int:
    """Return how many completions this person submitted: from the statistics, where they have them all."""
    person = request.user
    return completions_by(project.pk, person.pk) if is_counted else count_by_person(project, person)


def _page(request: SignedInRequest, project: Project, totals: Any, *, is_counted: bool) -> dict[str, Any]:
    return {
        "tabs": tabs_of(project),
        "tab": "overview",
        "my_completions": _my_completions(request, project, is_counted=is_counted),
        "members": members_of(project)[:12],
        "may_archive": allows(project.my_role, Action.ARCHIVE_PROJECT),
        "is_manager": allows(project.my_role, Action.CHANGE_PROJECT),
        "is_set_up": bool(project.label_config and totals.tasks and totals.completions),
    }


def _statistics(request: SignedInRequest, project: Project) -> dict[str, Any]:
    zone = zone_named(request.COOKIES.get(TIME_ZONE_COOKIE, "")) or ZoneInfo(settings.TIME_ZONE)
    days, problem = _days(request, project, zone)
    freshness = bring_up_to_date(project.pk)
    statistics = Statistics(project=project, viewer=request.user, days=days)
    activities = recent_activity(statistics.subject)
    names = names_of({activity.person_id for activity in activities})
    csv_query = {"from": days.first, "to": days.last, "by": days.by, "time_zone": zone.key, "format": "csv"}
    return {
        "days": days,
        "range_problem": problem,
        "ranges": RANGES,
        "chosen_range": "" if request.GET.get("from") else request.GET.get("range") or "30",
        "freshness": freshness,
        "as_of": freshness.as_of.astimezone(zone) if freshness.as_of else None,
        "sees_everybody": statistics.sees_everybody,
        "cards": cards_of(statistics),
        "csv_query": urlencode(csv_query),
        "activities": [(names[activity.person_id], activity) for activity in activities],
    }


def _days(request: SignedInRequest, project: Project, zone: ZoneInfo) -> tuple[DayRange, str]:
    """Return the days asked for; if there are none such, the last thirty and what was wrong."""
    began = beginning_of(project.pk)
    beginning = began.astimezone(zone).date() if began else None
    try:
        return read_range(request.GET, zone=zone, beginning=beginning), ""
    except ValidationFailed as error:
        return read_range({}, zone=zone, beginning=beginning), error.message
