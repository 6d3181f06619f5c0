"""The client of one ML backend: every call the protocol knows, in both of its generations."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from apps.core.json import dumps
from apps.labeling.config import parse
from apps.ml.models import MAX_VERSION_CHARACTERS, MLBackend, Protocol
from apps.ml.protocol.answers import Answer, AnswerReader, BadAnswer
from apps.ml.protocol.detection import protocol_of
from apps.ml.protocol.errors import (
    BackendError,
    BackendFailed,
    BadReply,
    BadTaskAnswer,
    NotSupported,
    excerpt,
)
from apps.ml.protocol.training import TrainingStarted, TrainingState, job_named_in, state_of_job
from apps.ml.protocol.transport import Reply, Transport
from apps.projects.queries import totals_of
from apps.projects.serializers import project_document

MAX_VERSIONS = 1_000


@dataclass(frozen=True, slots=True)
class Health:
    """What a backend says of itself.

    Attributes:
        model_class: "" when it does not tell.
        model_version: "" when it does not tell; /setup does.
        latency_ms: from the look-up of its name to the last byte of the answer.
        raw: its whole answer.
    """

    model_class: str
    model_version: str
    latency_ms: float
    raw: dict[str, Any]


class BackendClient:
    """Calls one backend on behalf of its project.

    Attributes:
        protocol: which generation the backend speaks, as far as it is known; `health` finds it out.
        model_version: the newest that was heard of.
        noticed: what was wrong with answers to single tasks, for the record.
    """

    def __init__(self, backend: MLBackend) -> None:
        """Take a backend, stored or not.

        Raises:
            SecretUnreadable: its secret was encrypted under another key.
        """
        self.backend = backend
        self.protocol = Protocol(backend.protocol)
        self.model_version = backend.model_version
        self.noticed: list[BackendError] = []
        self._project = backend.project
        self._transport = Transport(backend)

    @property
    def project_key(self) -> str:
        """What the backend knows the project by: its id, and when it was made, so that a reused id is another one."""
        return f"{self._project.pk}.{int(self._project.created_at.timestamp())}"

    def health(self) -> Health:
        """Ask whether the backend is up, and learn which generation it is of.

        Raises:
            BackendError: it is not, or the answer is none.
        """
        started = time.perf_counter()
        reply = self._transport.get("/health", call="health", seconds=self.backend.health_seconds)
        latency_ms = (time.perf_counter() - started) * 1_000
        status = reply.document.get("status")
        if not isinstance(status, str) or status.upper() != "UP":
            raise self._bad_reply(
                reply, "health", f'status is {self._transport.shown(repr(status))[:80]}; "UP" was expected.'
            )
        self.protocol = protocol_of(reply.document)
        return Health(
            _text(reply.document.get("model_class")),
            _text(reply.document.get("model_version")),
            latency_ms,
            reply.document,
        )

    def setup(self) -> str:
        """Tell the backend of the project and its labeling config; return the model's version ("" for none yet).

        Raises:
            BackendError: the backend does not take it.
        """
        body: dict[str, Any] = {
            "project": self.project_key,
            "schema": self._project.label_config,
            "hostname": settings.EXTERNAL_URL,
        }
        if self.backend.extra_params is not None:
            body["extra_params"] = self.backend.extra_params
        if self.protocol == Protocol.FLASK_ERA:
            body["force_reload"] = False
        reply = self._transport.post(
            "/setup", body, call="setup", seconds=self.backend.setup_seconds, hidden=("extra_params",)
        )
        self.model_version = self._version(reply, "setup")
        return self.model_version

    def predict(
        self,
        tasks: Sequence[dict[str, Any]],
        *,
        context: dict[str, Any] | None = None,
        seconds: float | None = None,
    ) -> list[Answer | BadAnswer]:
        """Return one answer for each task, in the order of `tasks`.

        Args:
            tasks: TASK documents (`task_documents`).
            context: of an interactive request: what the person has drawn so far.
            seconds: how long to wait at most; those of the backend without it.

        Raises:
            BackendError: there is no answer, or it is wrong as a whole.
        """
        if not tasks:
            return []
        body = {
            "tasks": tasks,
            "project": self.project_key,
            "label_config": self._project.label_config,
            "params": {"login": "", "password": "", "context": context},
        }
        reply = self._transport.post(
            "/predict", body, call="predict", seconds=seconds or self.backend.predict_seconds
        )
        return self._read_answers(tasks, reply)

    def start_training(
        self,
        *,
        tasks_with_completions: Iterable[dict[str, Any]] | None,
        event: str = "START_TRAINING",
    ) -> TrainingStarted:
        """Have the backend train.

        Args:
            tasks_with_completions: TASK documents with `annotations`, which a backend of the Flask era learns from;
                those of today fetch what they need themselves.
            event: what today's backends are told.

        Raises:
            NotSupported: the model does not learn.
            BackendError: the backend did not take it on.
        """
        if self.protocol == Protocol.UNKNOWN:
            self.health()
        if self.protocol == Protocol.FLASK_ERA:
            reply = self._train_on(tasks_with_completions or ())
        else:
            body = {"action": event, "project": self._project_document()}
            reply = self._transport.post("/webhook", body, call="train", seconds=self.backend.train_seconds)
            self._require_taken_on(reply, event)
        job = job_named_in(reply.document)
        done = job is None
        version = self.setup() if done else self.model_version
        return TrainingStarted(job, done, version)

    def send_event(
        self, action: str, *, task: dict[str, Any] | None, completion: dict[str, Any] | None
    ) -> None:
        """Tell the backend that a completion was made, changed or deleted; one of the Flask era has no ear for it.

        Args:
            action: ANNOTATION_CREATED, ANNOTATION_UPDATED or ANNOTATION_DELETED.

        Raises:
            BackendError: it was not heard.
        """
        if self.protocol == Protocol.FLASK_ERA:
            return
        body = {"action": action, "project": self._project_document(), "task": task, "annotation": completion}
        self._transport.post("/webhook", body, call="event", seconds=self.backend.train_seconds)

    def training_state(self, *, remote_job: str | None = None) -> TrainingState:
        """Ask how the training goes.

        Args:
            remote_job: the training that is meant, by the backend's name for it.

        Raises:
            BackendError: the backend does not answer, or in no way that is known.
        """
        state = self._is_training()
        job = remote_job or state.remote_job
        if job is None:
            return state
        try:
            reply = self._transport.post(
                "/job_status", {"job": job}, call="job_status", seconds=self.backend.setup_seconds
            )
        except NotSupported:  # or no such job: the backend forgot it at its start
            return state
        told = state_of_job(job, reply.document)
        return TrainingState(
            is_training=state.is_training if told.is_training is None else told.is_training,
            model_version=told.model_version or state.model_version,
            remote_job=job,
            log=told.log,
            error=told.error,
        )

    def versions(self) -> list[str]:
        """Return the model's versions, the newest first; the present one alone from a backend that keeps no list.

        Raises:
            BackendError: the backend does not answer.
        """
        path = "/versions?" + urlencode({"project": self.project_key})
        try:
            reply = self._transport.get(path, call="versions", seconds=self.backend.setup_seconds)
        except NotSupported:
            version = self.setup()
            return [version] if version else []
        told = reply.document.get("versions")
        if not isinstance(told, list) or not all(isinstance(version, str) for version in told):
            raise self._bad_reply(reply, "versions", "versions must be a list of texts.")
        return told[:MAX_VERSIONS]

    def _read_answers(self, tasks: Sequence[dict[str, Any]], reply: Reply) -> list[Answer | BadAnswer]:
        results = reply.document.get("results")
        if not isinstance(results, list):
            raise self._bad_reply(
                reply, "predict", "results must be a list with one prediction for each task."
            )
        if len(results) != len(tasks):
            raise self._bad_reply(
                reply,
                "predict",
                f"results has {len(results)} predictions for {len(tasks)} tasks ({_ids(tasks)});"
                " one for each, in their order, was expected.",
            )
        self.model_version = self._version(reply, "predict") or self.model_version
        reader = AnswerReader(
            backend=self._transport.title,
            config=parse(self._project.label_config),
            model_version=self.model_version,
            is_strict=reply.is_strict,
        )
        answers = reader.read(tasks, results)
        self._notice(tasks, results, answers)
        return answers

    def _is_training(self) -> TrainingState:
        path = "/is_training?" + urlencode({"project": self.project_key})
        try:
            reply = self._transport.get(path, call="is_training", seconds=self.backend.setup_seconds)
        except (NotSupported, BackendFailed):  # label-studio-ml 1.0 has the route and fails in it
            return TrainingState(None, self.setup(), None)
        told = reply.document.get("is_training")
        if not isinstance(told, bool):
            raise self._bad_reply(reply, "is_training", "is_training must be true or false.")
        if not told and reply.document.get("model_version") is None:
            return TrainingState(None, self.setup(), None)  # it knows of no model here, and so of no training
        self.model_version = self._version(reply, "is_training") or self.model_version
        job = reply.document.get("job_id")
        return TrainingState(told, self.model_version, job if isinstance(job, str) and job else None)

    def _train_on(self, tasks: Iterable[dict[str, Any]]) -> Reply:
        body = {
            "project": self.project_key,
            "label_config": self._project.label_config,
            "params": {"login": "", "password": "", "project_full_path": ""},
        }
        completions = ({**task, "completions": task.get("annotations", [])} for task in tasks)
        return self._transport.post_with_list(
            "/train",
            body,
            key="completions",
            items=completions,
            call="train",
            seconds=self.backend.train_seconds,
        )

    def _require_taken_on(self, reply: Reply, event: str) -> None:
        status = reply.document.get("status")
        if reply.status != 201 and status in ("ignored", "Unknown event"):
            raise self._transport.error(
                NotSupported,
                f"its model does not learn from {event}.",
                "Give the model a fit method, and the event in its TRAIN_EVENTS.",
                call="train",
                response_excerpt=self._transport.shown(reply.raw),
            )

    def _project_document(self) -> dict[str, Any]:
        document = project_document(self._project, totals_of([self._project.pk])[self._project.pk])
        return {**document, "created_by": {"id": self._project.created_by_id}}

    def _version(self, reply: Reply, call: str) -> str:
        version = reply.document.get("model_version")
        if version is None:
            return ""
        if isinstance(version, int) and not isinstance(version, bool):  # the Flask era counts seconds
            return str(version)
        if not isinstance(version, str) or len(version) > MAX_VERSION_CHARACTERS or "\x00" in version:
            raise self._bad_reply(
                reply, call, f"model_version must be a text of at most {MAX_VERSION_CHARACTERS} characters."
            )
        return version

    def _notice(
        self, tasks: Sequence[dict[str, Any]], results: list[Any], answers: list[Answer | BadAnswer]
    ) -> None:
        for task, result, answer in zip(tasks, results, answers, strict=True):
            if isinstance(answer, BadAnswer):
                self.noticed.append(
                    BadTaskAnswer(
                        answer.message,
                        call="predict",
                        remedy="Mend the model's predict; the other tasks' predictions are kept.",
                        task_id=answer.task_id,
                        request_excerpt=self._transport.shown(dumps(task)),
                        response_excerpt=self._transport.shown(str(result)),
                    )
                )

    def _bad_reply(self, reply: Reply, call: str, message: str) -> BackendError:
        return self._transport.error(
            BadReply,
            f"/{call}: {message}",
            "Mend the backend: this is not what the ML protocol asks for (docs/ml.md).",
            call=call,
            response_excerpt=self._transport.shown(reply.raw),
        )


def _text(given: Any) -> str:
    return excerpt(given)[:MAX_VERSION_CHARACTERS] if isinstance(given, str) else ""


def _ids(tasks: Sequence[dict[str, Any]]) -> str:
    shown = ", ".join(str(task["id"]) for task in tasks[:5])
    return f"tasks {shown}{' …' if len(tasks) > 5 else ''}" if len(tasks) > 1 else f"task {shown}"
