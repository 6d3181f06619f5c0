"""The process of one training: `python -m label_studio_ml.training.process JOB START`.

Nothing that happens here can harm the server: running out of memory, a crash in native code, an endless loop.
"""

from __future__ import annotations

import json
import logging
import shutil
import sys
import time

from label_studio_ml.loading import build_model, load_model_class
from label_studio_ml.project import Project
from label_studio_ml.serving.settings import ServerSettings
from label_studio_ml.state import State
from label_studio_ml.training.fitting import fit
from label_studio_ml.training.identity import process_identity
from label_studio_ml.training.queue import TrainingQueue, folder_of

logger = logging.getLogger(__name__)


def run(settings: ServerSettings, job_id: str, start: int) -> bool:
    """Train as a job says; return whether it went well. The job then has ended, unless another process has it.

    Args:
        settings: of the server.
        job_id: the job.
        start: the number of its start that this process is for.
    """
    state = State(settings.model_dir)
    queue = TrainingQueue(state)
    if not queue.attach(job_id, start, process_identity()):
        return False
    job = queue.job(job_id)
    folder = folder_of(state, job_id)
    workdir = folder / "work"
    shutil.rmtree(workdir, ignore_errors=True)  # an interrupted start left something
    workdir.mkdir()
    try:
        request = json.loads((folder / "request.json").read_text())
        project = Project.in_training(state, job.project)
        model_class = load_model_class(settings.script, settings.class_name)
        model = build_model(model_class, project, request["label_config"], settings.params)
        project.training_dir = workdir
        logger.info("%s learns in project %s: %s.", model_class.__name__, job.project, request["event"])
        begun = time.monotonic()
        result, kept = fit(model, request["event"], request["data"], workdir)
        changes = {**project.changes, **kept}
        learned = changes.get("model_version", "nothing new")
        logger.info(
            "It has learned %s in %.1f s; fit returned %.200s.", learned, time.monotonic() - begun, result
        )
        if "workdir" in kept:
            changes["workdir_job"] = job_id
        queue.finish(job_id, result, changes)
    except Exception as error:  # whatever a model's own code raises is the outcome of this job
        logger.exception("Training %s failed.", job_id)
        queue.fail(job_id, f"{type(error).__name__}: {error}"[:2000])
        return False
    return True


def main() -> None:
    """Run the job that the command line names."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    sys.exit(0 if run(ServerSettings.from_environment(), sys.argv[1], int(sys.argv[2])) else 1)


if __name__ == "__main__":
    main()
