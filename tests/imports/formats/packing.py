"""Packs archives for tests."""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from collections.abc import Mapping


def zipped(files: Mapping[str, bytes | str]) -> bytes:
    """Return a ZIP archive of files by name; a name that ends with `@` becomes a symbolic link."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name.removesuffix("@"))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = ((stat.S_IFLNK if name.endswith("@") else stat.S_IFREG) | 0o644) << 16
            archive.writestr(info, content)
    return file.getvalue()


def tarred(files: Mapping[str, bytes | str], mode: str = "w") -> bytes:
    """Return a TAR archive of files by name; a name that ends with `@` becomes a symbolic link to the content."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            raw = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(name.removesuffix("@"))
            if name.endswith("@"):
                info.type, info.linkname = tarfile.SYMTYPE, raw.decode()
                archive.addfile(info)
            else:
                info.size = len(raw)
                archive.addfile(info, io.BytesIO(raw))
    return file.getvalue()
