"""The container image installs what pyproject.toml asks for."""

from __future__ import annotations

import re
import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.deploy.containers import ROOT


def locked() -> dict[str, Version]:
    text = (ROOT / "deploy" / "requirements.lock").read_text()
    found = re.findall(r"^([a-z0-9.-]+)(?:\[[a-z,]+\])?==([^ ;\\]+)", text, flags=re.MULTILINE)
    return {canonicalize_name(name): Version(version) for name, version in found}


def _allows(requirement: Requirement, versions: dict[str, Version]) -> bool:
    version = versions.get(canonicalize_name(requirement.name))
    return version is not None and version in requirement.specifier


def test_every_requirement_is_locked_to_a_version_it_allows() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    versions = locked()

    wrong = [
        text
        for text in [*project["dependencies"], *extras["gevent"], *extras["parquet"]]
        if not _allows(Requirement(text), versions)
    ]

    assert wrong == [], "run `make lock`"


def test_the_lock_names_no_index() -> None:
    assert "://" not in (ROOT / "deploy" / "requirements.lock").read_text()
