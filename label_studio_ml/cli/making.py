"""`label-studio-ml init`: a directory with a model and everything to run it."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from string import Template

import label_studio_ml
from label_studio_ml.cli.backend_directory import LABEL_CONFIG, SCRIPT, SETTINGS, TASKS
from label_studio_ml.errors import ScriptError
from label_studio_ml.loading import load_model_class

PACKAGE = Path(label_studio_ml.__file__).parent
SCAFFOLD = PACKAGE / "scaffold"
EXAMPLES = PACKAGE / "examples"
REQUIREMENTS = "requirements.txt"
README = "README.md"


class Example(StrEnum):
    """A model to begin with."""

    DUMMY = "dummy"
    TEXT_CLASSIFIER = "text_classifier"
    NAMED_ENTITIES = "named_entities"
    IMAGE_CLASSIFIER = "image_classifier"
    IMAGE_SEGMENTER = "image_segmenter"
    BOX_PROPOSER = "box_proposer"
    CHAT_COMPLETION = "chat_completion"


def make_backend(directory: Path, *, example: Example, script: str | None, force: bool) -> Path:
    """Write a directory and return it.

    Args:
        directory: to be made.
        example: whose files are copied.
        script: a script to copy instead: `PATH` or `PATH:CLASS`; what lies beside it comes along.
        force: write into a directory that exists; files of the same names are replaced.

    Raises:
        ScriptError: the directory exists, or the script holds no model.
    """
    files = _files_of_script(script) if script else _files_of(EXAMPLES / example.value)
    if directory.exists() and not force:
        raise ScriptError(f"{directory} exists. Choose another name, or give --force to write into it.")
    name = directory.resolve().name
    for template in sorted(SCAFFOLD.glob("*.in")):
        text = Template(template.read_text()).safe_substitute(name=name)
        files.setdefault(template.name.removesuffix(".in"), text)
    requirements = files.get(REQUIREMENTS, "")
    if "label-studio-server" not in requirements:
        files[REQUIREMENTS] = "label-studio-server>=2.0,<3\n" + requirements
    directory.mkdir(parents=True, exist_ok=True)
    for file, text in files.items():
        (directory / file).write_text(text)
    return directory


def _files_of(folder: Path) -> dict[str, str]:
    names = (SCRIPT, REQUIREMENTS, README, LABEL_CONFIG, TASKS)
    return {name: (folder / name).read_text() for name in names if (folder / name).is_file()}


def _files_of_script(script: str) -> dict[str, str]:
    head, _, tail = script.rpartition(":")
    path, class_name = (Path(head), tail) if head.endswith(".py") else (Path(script), None)
    load_model_class(path, class_name)
    files = _files_of(path.parent)
    files[SCRIPT] = path.read_text()
    if class_name:
        files[SETTINGS] = f"class = {json.dumps(class_name)}\n"
    return files
