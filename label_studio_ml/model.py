"""The base class of models."""

from __future__ import annotations

import re
import shutil
import tempfile
import weakref
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, ClassVar, Self

from label_studio_ml import media
from label_studio_ml.completions import both_names
from label_studio_ml.labeling_config import LabelingConfig, ParsedConfig, parse
from label_studio_ml.project import Project
from label_studio_ml.server_api import ServerClient
from label_studio_ml.state import State

_LAST_NUMBER = re.compile(r"(\d+)(?=\D*$)")

_bound: ContextVar[Project | None] = ContextVar("project", default=None)


@contextmanager
def bound_to(project: Project) -> Iterator[None]:
    """Make the models that are created in a block belong to `project`."""
    token = _bound.set(project)
    try:
        yield
    finally:
        _bound.reset(token)


class LabelStudioMLBase:
    """A model that a labeling server asks for predictions, and that may learn from completions.

    Subclasses override `predict`, and where it applies `setup` and `fit`. Scripts of the Flask era, which override
    `__init__(**kwargs)` and `fit(completions, workdir)`, work as they are.

    One instance serves one project in one process. It is made again when the labeling config changes and when a
    training has succeeded, so what `setup` loads is what the last training made.

    Attributes:
        label_config: the labeling config, as XML.
        label_interface: the same, parsed: `controls`, `objects`, `get_first_tag_occurence`.
        parsed_label_config: the same, as scripts of the Flask era read it.
        train_output: what the last successful `fit` returned; {} before.
        hostname: the labeling server's address.
    """

    INITIAL_MODEL_VERSION: ClassVar[str] = "0.0.1"

    TRAIN_EVENTS: ClassVar[Collection[str]] = (
        "ANNOTATION_CREATED",
        "ANNOTATIONS_CREATED",
        "ANNOTATION_UPDATED",
        "ANNOTATION_DELETED",
        "ANNOTATIONS_DELETED",
        "PROJECT_UPDATED",
        "START_TRAINING",
    )

    latest_event_suffices: ClassVar[bool] = False
    """Whether `fit` looks at all completions anyway, so that of several waiting events one is enough."""

    max_concurrent_predictions: ClassVar[int] = 1
    """How many calls of `predict` of one instance may run at once, in threads."""

    _project: Project
    _in_setup = False

    def __new__(cls, *_: Any, **__: Any) -> Self:
        """Make an instance that belongs to the project at hand, or to one of its own when there is none."""
        instance = super().__new__(cls)
        instance._project = _bound.get() or _passing_project(instance)
        return instance

    def __init__(
        self,
        project_id: str | None = None,
        label_config: str | None = None,
        train_output: dict[str, Any] | None = None,
        **params: Any,
    ) -> None:
        """Prepare the instance and call `setup`.

        Args:
            project_id: the labeling server's id of the project.
            label_config: the labeling config, as XML.
            train_output: what the last successful `fit` returned.
            params: what the operator gave (`--with key=value`) and the server sent; kept as `self.params`.
        """
        self.project_id = project_id or self._project.key
        self.params = params
        self.train_output = train_output if train_output is not None else self.get("train_output") or {}
        self.hostname: str = params.get("hostname") or self._project.server.hostname
        self.use_label_config(label_config or self._project.label_config)
        self._in_setup = True
        try:
            self.setup()
        finally:
            self._in_setup = False
        if not self.get("model_version"):
            self.set("model_version", self.INITIAL_MODEL_VERSION)

    # --- What models override ---------------------------------------------------------------------------

    def setup(self) -> None:
        """Load what `predict` needs. Called once an instance; does nothing by default."""

    def predict(
        self, tasks: list[dict[str, Any]], context: dict[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        """Return the predictions of tasks.

        Args:
            tasks: with `id` and `data`.
            context: of an interactive request: the region that a person has just drawn, under `result`.
            kwargs: what the server sent besides.

        Returns:
            A list with a dictionary a task, in their order: `{"result": [item, …], "score": float}`; or a
            `ModelResponse`.
        """
        raise NotImplementedError(f"{type(self).__name__} does not override predict(tasks, context).")

    def fit(self, *args: Any, **kwargs: Any) -> Any:
        """Learn. Override it as `fit(self, event, data, **kwargs)`, or `fit(self, completions, workdir=None, **kw)`.

        Args:
            event: why: `START_TRAINING`, `ANNOTATION_CREATED`, …
            data: what the server sent with it; `self.labeled_tasks(data)` returns the tasks to learn from.
            completions: of the second form: the labeled tasks, each with its `completions`.
            workdir: of the second form: a folder of this training's own, as `self.workdir` is.

        Returns:
            Anything that JSON can hold: `self.train_output` from then on. A model that returns something and does
            not set `model_version` itself gets a new one.
        """
        raise NotImplementedError(f"{type(self).__name__} does not override fit.")

    # --- What models use --------------------------------------------------------------------------------

    def get(self, key: str, default: Any = None) -> Any:
        """Return what was kept under `key` for this project, by whichever process; else `default`."""
        return self._project.values.get(key, default)

    def set(self, key: str, value: Any) -> None:
        """Keep a value that JSON can hold, for this project. What `fit` sets counts once it has succeeded.

        A `model_version` that `setup` sets replaces the one of a training only when it is another than `setup` set
        before: else every start would take back what was learned.
        """
        if key == "model_version" and self._in_setup:
            if self.get("setup_version") == value and self.get("model_version"):
                return
            self._project.values.set("setup_version", value)
        self._project.values.set(key, value)

    def has(self, key: str) -> bool:
        """Whether something was kept under `key`."""
        return self.get(key) is not None

    @property
    def model_version(self) -> str | None:
        """The version that predictions are marked with; `self.set("model_version", …)` changes it."""
        version = self.get("model_version")
        return None if version is None else str(version)

    @model_version.setter
    def model_version(self, version: str) -> None:
        self.set("model_version", version)

    def bump_model_version(self) -> str:
        """Raise the last number of the version, and return the new one: 0.0.1 becomes 0.0.2."""
        present = self.model_version or self.INITIAL_MODEL_VERSION
        raised, count = _LAST_NUMBER.subn(lambda match: str(int(match[1]) + 1), present)
        version = raised if count else f"{present}.1"
        self.set("model_version", version)
        return version

    @property
    def extra_params(self) -> Any:
        """What the server's project sends as extra parameters."""
        return self.get("extra_params") or {}

    @property
    def model_dir(self) -> Path:
        """A folder of this project, for files that the model keeps."""
        return self._project.folder

    @property
    def workdir(self) -> Path | None:
        """In `fit` a folder of this training's own; elsewhere that of the last one that succeeded. None before any."""
        return self._project.workdir

    @property
    def client(self) -> ServerClient:
        """The labeling server's REST API."""
        return self._project.client

    def use_label_config(self, label_config: str) -> None:
        """Take another labeling config."""
        self.label_config = label_config
        self.label_interface: LabelingConfig = parse(label_config)
        self.parsed_label_config: ParsedConfig = self.label_interface.parsed

    def get_first_tag_occurence(
        self, control_type: Any, object_type: Any, name_filter: Any = None, to_name_filter: Any = None
    ) -> tuple[str, str, str]:
        """Return `(from_name, to_name, key of the task's data)`; see `LabelingConfig.get_first_tag_occurence`."""
        return self.label_interface.get_first_tag_occurence(
            control_type, object_type, name_filter, to_name_filter
        )

    def labeled_tasks(self, data: dict[str, Any] | None) -> list[dict[str, Any]]:
        """Return the labeled tasks to learn from, each with its `completions` (under `annotations`, too).

        They are those that came with the event; else the server is asked for all of the project.

        Raises:
            ServerUnreachable: the server did not give them.
        """
        sent = (data or {}).get("tasks")
        return both_names(self.client.labeled_tasks(self.project_id) if sent is None else sent)

    def get_local_path(self, url: str, project_dir: str | None = None, **_: Any) -> str:
        """Return the path of a local file with what `url` points at; see `media.local_path`.

        Args:
            url: of a task's data.
            project_dir: of the Flask era: a folder with `upload/`, if it is on this machine.
        """
        if project_dir and url.startswith("/data/upload/"):
            root = (Path(project_dir) / "upload").resolve()
            path = (root / url.removeprefix("/data/upload/")).resolve()
            if path.is_relative_to(root) and path.is_file():
                return str(path)
        return media.local_path(url, folder=self.model_dir / "media", address=self._project.server)


def _passing_project(instance: object) -> Project:
    """Return a project whose values and files are gone with `instance`: the class was called by hand."""
    folder = tempfile.mkdtemp(prefix="label-studio-ml-")
    state = State(Path(folder))

    def discard() -> None:
        state.close()
        shutil.rmtree(folder, ignore_errors=True)

    weakref.finalize(instance, discard)
    return Project(state, "by-hand")
