"""Asking models for predictions, having them trained, and making completions of what they are sure of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.counted import counted
from apps.core.errors import NotFound, ProductError
from apps.data_manager.running_actions import ActionRequest, start_action
from apps.ml.models import MLBackend, PredictionRun
from apps.ml.predicting.choosing import Chosen, Which, count_chosen
from apps.ml.predicting.runs import resume_run, retry_failed, start_run
from apps.ml.training.starting import start_training
from apps.projects.models import Project
from apps.projects.policy import Action
from apps.web.access import SignedInRequest, open_project
from apps.web.forms.models import AutoLabelForm
from apps.web.forms.page_form import mark_invalid
from apps.web.model_auto_labeling import LabelCounts, label_counts
from apps.web.views.models.connections import dialog_base, find_backend
from apps.web.views.models.page import AUTO_LABEL

_UNLABELED = {
    "conjunction": "and",
    "items": [{"filter": "total_annotations", "operator": "equal", "value": 0}],
}


@require_http_methods(["GET", "POST"])
def predict(request: SignedInRequest, project_id: int, backend_id: int) -> HttpResponse:
    """Ask which tasks are to be predicted, then start."""
    project = open_project(request, project_id, Action.CHANGE_PREDICTIONS)
    backend = find_backend(project, backend_id)
    if request.method == "GET":
        context = {
            "project": project,
            "backend": backend,
            "choices": _choices(project, backend),
            "dialog_base": dialog_base(request),
        }
        return render(request, "web/dialogs/predict.html", context)
    chosen = dict(_CHOICES).get(request.POST.get("tasks", ""))
    if chosen is None:
        messages.error(request, "Choose which tasks are to be predicted.")
    else:
        start_run(
            backend=backend, chosen=_chosen(Which(request.POST["tasks"]), backend), created_by=request.user
        )
    return redirect("web:models", project.pk)


@require_POST
def retry(request: SignedInRequest, project_id: int, run_id: int) -> HttpResponse:
    """Ask again for the tasks alone for which a run got no prediction."""
    project, run = _open_run(request, project_id, run_id)
    with _failures_told(request):
        retry_failed(run=run, created_by=request.user)
    return redirect("web:models", project.pk)


@require_POST
def resume(request: SignedInRequest, project_id: int, run_id: int) -> HttpResponse:
    """Go on with a run that failed or was cancelled."""
    project, run = _open_run(request, project_id, run_id)
    with _failures_told(request):
        resume_run(run=run, resumed_by=request.user)
    return redirect("web:models", project.pk)


@require_POST
def train(request: SignedInRequest, project_id: int, backend_id: int) -> HttpResponse:
    """Have a model learn from the completions that there are."""
    project = open_project(request, project_id, Action.CHANGE_MODELS)
    backend = find_backend(project, backend_id)
    with _failures_told(request):
        start_training(backend=backend, created_by=request.user)
    return redirect("web:models", project.pk)


@require_http_methods(["GET", "POST"])
def auto_label(request: SignedInRequest, project_id: int) -> HttpResponse:
    """Ask from which score on predictions become completions, say how many that are, then do it."""
    project = open_project(request, project_id, Action.CHANGE_ALL_COMPLETIONS)
    given = request.POST if request.method == "POST" else request.GET
    form = AutoLabelForm(given if "min_score" in given else AutoLabelForm.USUAL, project=project)
    counts = label_counts(project, **form.cleaned_data) if form.is_valid() else None
    if request.method == "GET" or counts is None:
        return _auto_label_dialog(request, project, form, counts)
    wanted = ActionRequest(
        action=AUTO_LABEL,
        document={"filters": _UNLABELED, "selectedItems": {"all": True, "excluded": []}},
        tab={},
        body=form.cleaned_data,
    )
    try:
        outcome = start_action(project=project, actor=request.user, request=wanted)
    except ProductError as error:
        form.take_errors(error)
        return _auto_label_dialog(request, project, form, counts)
    if outcome.run is not None and outcome.job is None:
        made = counted(outcome.run.processed, "completion")
        messages.success(request, f"{made} created. You can undo it for seven days.")
    return redirect("web:models", project.pk)


@contextmanager
def _failures_told(request: SignedInRequest) -> Iterator[None]:
    """Tell the person on the next page what could not be done, and why."""
    try:
        yield
    except ProductError as error:
        messages.error(request, error.message)


_CHOICES: tuple[tuple[str, str], ...] = (
    (Which.WITHOUT_VERSION.value, "Tasks without a prediction of the present version"),
    (Which.UNLABELED.value, "All tasks that are not labeled yet"),
    (Which.ALL.value, "All tasks"),
)


def _choices(project: Project, backend: MLBackend) -> list[tuple[str, str, int]]:
    return [
        (value, words, count_chosen(project, _chosen(Which(value), backend))) for value, words in _CHOICES
    ]


def _chosen(which: Which, backend: MLBackend) -> Chosen:
    return Chosen(which, version=backend.model_version if which is Which.WITHOUT_VERSION else "")


def _open_run(request: SignedInRequest, project_id: int, run_id: int) -> tuple[Project, PredictionRun]:
    project = open_project(request, project_id, Action.CHANGE_PREDICTIONS)
    rows = PredictionRun.objects.for_user(request.user).select_related("job", "backend", "backend__project")
    run: PredictionRun | None = rows.filter(project=project, pk=run_id).first()
    if run is None:
        raise NotFound(f"This project has no prediction run {run_id}.")
    return project, run


def _auto_label_dialog(
    request: SignedInRequest, project: Project, form: AutoLabelForm, counts: LabelCounts | None
) -> HttpResponse:
    mark_invalid(form)
    context = {"project": project, "form": form, "counts": counts, "dialog_base": dialog_base(request)}
    return render(request, "web/dialogs/auto_label.html", context, status=422 if form.errors else 200)
