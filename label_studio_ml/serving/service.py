"""What each route does, without HTTP: blocking, called in threads."""

from __future__ import annotations

import shutil
from typing import Any

from label_studio_ml.errors import BadPrediction, BadRequest, NothingHere
from label_studio_ml.labeling_config import parse
from label_studio_ml.loading import load_model_class
from label_studio_ml.project import Project, folder_name
from label_studio_ml.serving.bodies import Body
from label_studio_ml.serving.counters import Counters
from label_studio_ml.serving.registry import ModelRegistry
from label_studio_ml.serving.settings import ServerSettings
from label_studio_ml.state import State
from label_studio_ml.store import known_projects, versions_of
from label_studio_ml.training.dispatcher import Dispatcher
from label_studio_ml.training.fitting import can_learn, takes_completions
from label_studio_ml.training.queue import Job, TrainingQueue, log_of
from label_studio_ml.validation import checked_predictions

LOG_BYTES = 1 << 20
_NOT_OF_THE_MODEL = frozenset({"context"})


class Service:
    """The model, its trainings and its counters in one server process."""

    def __init__(self, settings: ServerSettings) -> None:
        """Load the script.

        Raises:
            ScriptError: it holds no model.
        """
        self.settings = settings
        self.state = State(settings.model_dir)
        self.model_class = load_model_class(settings.script, settings.class_name)
        self.registry = ModelRegistry(self.model_class, self.state, settings.params, settings.max_models)
        self.queue = TrainingQueue(self.state)
        self.counters = Counters(self.state)
        self.dispatcher = Dispatcher(settings, self.state, self.counters.flush_now_and_then)

    # --- Predictions ------------------------------------------------------------------------------------

    def setup(self, body: Body) -> dict[str, Any]:
        """Keep what the server tells of a project, load its model, and return the model's version."""
        key = body.project()
        config = body.text("schema")
        parse(config or "")
        told = {
            "label_config": config,
            "hostname": body.text("hostname"),
            "access_token": body.text("access_token"),
            "extra_params": body.extra_params(),
        }
        project = Project(self.state, key)
        changes = {name: value for name, value in told.items() if value is not None}
        if any(project.stored.get(name) != value for name, value in changes.items()):
            project.stored.update(changes)
            self.registry.drop(key)
        if body.values.get("force_reload"):
            self.registry.drop(key)
        return {"model_version": self.registry.model_of(key).model.model_version}

    def predict(self, body: Body) -> dict[str, Any]:
        """Return the predictions of tasks, each checked."""
        tasks = body.objects("tasks")
        key = body.project() if body.values.get("project") is not None else "default"
        config = body.text("label_config")
        params = body.object("params")
        if body.values.get("force_reload"):
            self.registry.drop(key)
        loaded = self.registry.model_of(key, config)
        rest = {name: value for name, value in params.items() if name not in _NOT_OF_THE_MODEL}
        answer = self.registry.predict(loaded, tasks, params.get("context"), rest) if tasks else []
        version = loaded.model.model_version
        try:
            results = checked_predictions(answer, tasks, parse(loaded.label_config), version)
        except BadPrediction:
            self.counters.add("refused_predictions_total")
            raise
        self.counters.add("predicted_tasks_total", amount=len(tasks))
        return {"results": results, "model_version": version}

    def versions(self, project: str | None) -> dict[str, Any]:
        """Return every model version there has been, the newest first."""
        return {"versions": versions_of(self.state, project)}

    def validate(self, body: Body) -> dict[str, Any]:
        """Say whether a labeling config can be read, and what it asks."""
        config = body.text("config")
        if config is None:
            raise BadRequest("config is missing: it must be a labeling config.")
        return {"valid": True, "controls": parse(config).parsed}

    # --- Training ---------------------------------------------------------------------------------------

    def train(self, body: Body) -> dict[str, Any]:
        """Begin a training with the completions that the request brings."""
        key = body.project()
        tasks = body.objects("completions" if "completions" in body.values else "annotations")
        if not tasks:
            raise BadRequest("No completions found.")
        self._must_learn()
        config = self._config(key, body.text("label_config"))
        data = {
            "action": "START_TRAINING",
            "project": {"id": key, "label_config": config},
            "tasks": tasks,
            "params": body.object("params"),
        }
        job = self.queue.start_now(key, "START_TRAINING", data, config)
        self.dispatcher.wake()
        return {"job": job.id}

    def webhook(self, body: Body) -> tuple[int, dict[str, Any]]:
        """Begin a training when the event asks for one; return the status and the body of the reply."""
        event = body.text("action")
        if not event:
            raise BadRequest("action is missing: it must be the name of an event.")
        if event not in self.model_class.TRAIN_EVENTS:
            return 200, {"status": "Unknown event"}
        if not can_learn(self.model_class):
            return 200, {"status": "ignored", "detail": f"{self.model_class.__name__} does not learn."}
        key = body.project()
        told = body.values["project"]
        config = self._config(key, told.get("label_config") if isinstance(told, dict) else None)
        sees_everything = self.model_class.latest_event_suffices or takes_completions(self.model_class)
        job = self.queue.enqueue(key, event, body.values, config, latest_suffices=sees_everything)
        self.dispatcher.wake()
        return 201, {"result": {"job": job.id}, "status": "ok"}

    def _must_learn(self) -> None:
        if not can_learn(self.model_class):
            raise BadRequest(f"{self.model_class.__name__} does not learn: it does not override fit.")

    def _config(self, key: str, told: object) -> str:
        config = told if isinstance(told, str) and told else Project(self.state, key).label_config
        parse(config)
        return config

    def is_training(self, project: str) -> dict[str, Any]:
        """Say whether a project is being trained, and which version it has."""
        jobs = self.queue.open_jobs(project)
        reply = {
            "is_training": bool(jobs),
            "backend": "none",
            "model_version": Project(self.state, project).stored.get("model_version"),
        }
        return {**reply, "job_id": jobs[0].id, "waiting": len(jobs) - 1} if jobs else reply

    def job_status(self, job_id: str) -> dict[str, Any]:
        """Return how a training goes, with the end of its log."""
        job = self.queue.job(job_id)
        return {**shown(job), "log": self.log(job_id, 4000)}

    def jobs(self, project: str) -> dict[str, Any]:
        """Return the trainings of a project, the newest first."""
        return {"jobs": [shown(job) for job in self.queue.jobs(project)]}

    def log(self, job_id: str, limit: int = LOG_BYTES) -> str:
        """Return the end of what a training printed, at most `limit` bytes."""
        self.queue.job(job_id)
        path = log_of(self.state, job_id)
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - limit))
            return file.read(limit).decode(errors="replace")

    def cancel(self, job_id: str) -> dict[str, Any]:
        """Stop a training."""
        job = self.queue.cancel(job_id)
        self.dispatcher.wake()
        return shown(job)

    def delete(self, body: Body) -> dict[str, Any]:
        """Forget a project: values, versions, trainings and files."""
        key = body.project()
        if key not in known_projects(self.state):
            raise NothingHere(f"No project {key} was set up here.")
        for job in self.queue.open_jobs(key):
            if job.status == "started":
                self.queue.cancel(job.id)
                self.dispatcher.wake()
                raise BadRequest(
                    f"Training {job.id} of project {key} is being stopped. Delete the project after it."
                )
        self.registry.drop(key)
        self.queue.forget(key)
        shutil.rmtree(self.state.model_dir / "projects" / folder_name(key), ignore_errors=True)
        return {"deleted": key}

    def health(self) -> dict[str, Any]:
        """Say that the server is up, and what it serves."""
        return {
            "status": "UP",
            "model_class": self.model_class.__name__,
            "model_dir": self.settings.model_dir.name,
            "can_train": can_learn(self.model_class),
        }


def shown(job: Job) -> dict[str, Any]:
    """Return a job as its JSON; times are seconds since 1970."""
    return {
        "job": job.id,
        "project": job.project,
        "event": job.event,
        "job_status": job.status,
        "created_at": job.created_at,
        "enqueued_at": job.created_at,
        "started_at": job.started_at,
        "ended_at": job.ended_at,
        "model_version": job.model_version,
        "result": job.result,
        "error": job.error,
    }
