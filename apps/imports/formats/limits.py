"""Every limit on what an import may hold, in one place."""

from __future__ import annotations

from dataclasses import dataclass

from apps.core.json import MAX_DEPTH

MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of anything one import may hold; going over a limit is an error that names it.

    Args:
        row_bytes: of one row, line or element; also of a web page that is stored inside its task.
        depth: how many lists and objects of a row may stand in one another.
        columns: of a table.
        members: files in one archive or folder.
        member_name: characters in the name of a file in an archive.
        uncompressed_bytes: of everything that comes out of one archive or compressed file.
        ratio: uncompressed by compressed bytes, looked at once `ratio_from_bytes` came out.
        ratio_from_bytes: below this size, any ratio is harmless.
        row_group_bytes: of a row group of a Parquet file, uncompressed.
        sheet_bytes: of a workbook's sheet, uncompressed.
        shared_strings_bytes: of a workbook's table of texts, which has to be kept in memory.
        class_names: labels that an annotated set may name.
    """

    row_bytes: int = 64 * MEBIBYTE
    depth: int = MAX_DEPTH
    columns: int = 4_096
    members: int = 100_000
    member_name: int = 1_024
    uncompressed_bytes: int = 64 * 1024 * MEBIBYTE
    ratio: int = 200
    ratio_from_bytes: int = 16 * MEBIBYTE
    row_group_bytes: int = 512 * MEBIBYTE
    sheet_bytes: int = 1024 * MEBIBYTE
    shared_strings_bytes: int = 64 * MEBIBYTE
    class_names: int = 100_000


LIMITS = Limits()
