"""Calls of the REST API for one project, ready to be pasted into a terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from apps.labeling import config as labeling
from apps.labeling.samples import sample_task
from apps.projects.models import Project

SAMPLE_MAX_BYTES = 500


@dataclass(frozen=True, slots=True)
class ApiExample:
    """One call: what it does and the command."""

    title: str
    text: str
    command: str
    element_id: str


SETTING_NAMES = (
    ("Name", "title"),
    ("Description", "description"),
    ("Colour", "color"),
    ("Labeling config", "label_config"),
    ("Instructions", "expert_instruction"),
    ("Show before labeling", "show_instruction"),
    ("Which tasks people get", "handing_out"),
    ("Order of tasks", "sampling"),
    ("Completions per task", "maximum_annotations"),
    ("Every n-th task with ground truth", "ground_truth_every"),
    ("Tasks may be skipped", "show_skip_button"),
    ("When a task is skipped", "skip_queue"),
    ("A completion may be empty", "enable_empty_annotation"),
    ("Refuse completions that do not fit the labeling config", "strict_results"),
    ("Annotators see each other's completions", "show_completions_to_annotators"),
    ("Show predictions to annotators", "show_collab_predictions"),
    ("Model version", "model_version"),
)
"""What the settings pages call a setting, and its field in the API."""


def api_examples(project: Project, host: str) -> list[ApiExample]:
    """Return the usual calls for `project`.

    Args:
        host: scheme and host of this server, without the last slash.
    """
    rows = [{"data": _data(project)}]
    address = f"{host}/api/projects/{project.pk}"
    calls = (
        ("Read the settings", "The project with its settings and counters.", _call(f"{address}/")),
        (
            "Change settings",
            "Only the fields that are sent change; their names are in the table below.",
            _call(f"{address}/", method="PATCH", body={"maximum_annotations": 2}),
        ),
        (
            "Import tasks",
            "A list of tasks, in JSON. Nothing is imported when one of them is wrong.",
            _call(f"{address}/import", method="POST", body=rows),
        ),
        (
            "List tasks",
            "Page by page, with completions and predictions.",
            _call(f"{host}/api/tasks/?project={project.pk}&page_size=100"),
        ),
        (
            "Export",
            "The answered tasks as one JSON file.",
            _call(f"{address}/export?export_type=JSON", output=f"project-{project.pk}.json"),
        ),
    )
    return [
        ApiExample(title, text, command, f"example-{number}")
        for number, (title, text, command) in enumerate(calls, start=1)
    ]


def _data(project: Project) -> dict[str, Any]:
    """Return a task's data that the project's config can show; only its keys when it would fill the page."""
    config = labeling.parse(project.label_config)
    data = sample_task(config) or {"text": "…"}
    return data if len(orjson.dumps(data)) <= SAMPLE_MAX_BYTES else dict.fromkeys(data, "…")


def _call(address: str, *, method: str = "GET", body: object = None, output: str = "") -> str:
    program = "curl" if method == "GET" else f"curl -X {method}"
    parts = [f'{program} -H "Authorization: Token $TOKEN"']
    if body is not None:
        document = orjson.dumps(body).decode().replace("'", "'\\''")
        parts += ["-H 'Content-Type: application/json'", f"-d '{document}'"]
    if output:
        parts.append(f"-o {output}")
    parts.append(f"'{address}'")
    return " \\\n  ".join(parts)
