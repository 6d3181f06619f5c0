"""HUGGINGFACE: a data set as the `datasets` library keeps it: Parquet under data/, with declared features.

Layout: https://huggingface.co/docs/hub/datasets-manual-configuration; features as the library writes them into the
schema's metadata under the key `huggingface`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import orjson
import yaml

from apps.exports.formats.archive import CONTENT_TYPE, Member, archive
from apps.exports.formats.arrow_tables import Convert, arrow_type, needs_pyarrow, parquet_pieces
from apps.exports.formats.format import ExportFormat, ExportOptions
from apps.exports.formats.report import Report
from apps.exports.formats.spool import Spool
from apps.exports.formats.tables import Table
from apps.labeling.config import LabelingConfig

try:
    import pyarrow
except ImportError:  # `needs_pyarrow` says so
    pyarrow = None

_SPLIT = "train"
_DTYPES = {"bool": "bool", "int64": "int64", "double": "float64", "string": "string"}


def write(tasks: Iterable[str], options: ExportOptions) -> Iterator[bytes]:
    """Yield an archive of README.md, dataset_info.json and data/train-00000-of-00001.parquet."""
    with Spool() as spool:
        yield from archive(_members(Table(tasks, options, spool), options), options.report)


def _members(table: Table, options: ExportOptions) -> Iterator[Member]:
    columns, features = {}, {}
    for name, kinds in table.kinds.items():
        names = _class_names(name, kinds, options.config)
        columns[name] = _numbered(names, options.report) if names else arrow_type(kinds)
        features[name] = {"names": names, "_type": "ClassLabel"} if names else _feature(columns[name][0])
    info = {"features": features}
    yield Member("README.md", _card(features))
    yield Member("dataset_info.json", orjson.dumps(info, option=orjson.OPT_INDENT_2))
    metadata = {b"huggingface": orjson.dumps({"info": info})}
    pieces = parquet_pieces(table, columns=columns, metadata=metadata)
    yield Member(f"data/{_SPLIT}-00000-of-00001.parquet", pieces, stored=True)


def _class_names(column: str, kinds: set[str], config: LabelingConfig) -> list[str]:
    """Return the classes of a column that answers a question with one choice; none for other columns."""
    control = config.controls.get(column)
    single = control is not None and control.type == "Choices" and kinds == {"text"}
    return list(control.options) if control is not None and single else []


def _numbered(names: list[str], report: Report) -> tuple[Any, Convert]:
    """Return the type of a class column; an answer that is no class any more has no number."""
    numbers = {name: number for number, name in enumerate(names)}

    def number_of(answer: str) -> int | None:
        if answer not in numbers:
            report.add(f'the labeling config has no choice "{answer[:80]}"; the answer is left out')
        return numbers.get(answer)

    return pyarrow.int64(), number_of


def _feature(kind: Any) -> dict[str, Any]:
    if pyarrow.types.is_list(kind):
        return {"feature": {"dtype": "string", "_type": "Value"}, "_type": "List"}
    return {"dtype": _DTYPES[str(kind)], "_type": "Value"}


def _card(features: dict[str, dict[str, Any]]) -> bytes:
    """Return the README.md whose header tells the hub where the data is, and of which kind."""
    header = {
        "configs": [
            {"config_name": "default", "data_files": [{"split": _SPLIT, "path": f"data/{_SPLIT}-*"}]}
        ],
        "dataset_info": {"features": [_card_feature(name, feature) for name, feature in features.items()]},
    }
    text = yaml.safe_dump(header, sort_keys=False, allow_unicode=True)
    return f"---\n{text}---\n\nLabeled with Label Studio.\n".encode()


def _card_feature(name: str, feature: dict[str, Any]) -> dict[str, Any]:
    if feature["_type"] == "ClassLabel":
        names = {str(number): entry for number, entry in enumerate(feature["names"])}
        return {"name": name, "dtype": {"class_label": {"names": names}}}
    if feature["_type"] == "List":
        return {"name": name, "list": feature["feature"]["dtype"]}
    return {"name": name, "dtype": feature["dtype"]}


FORMAT = ExportFormat(
    name="HUGGINGFACE",
    title="Hugging Face data set",
    description="A data set for the datasets library: Parquet with declared features; single choices become classes.",
    extension="zip",
    content_type=CONTENT_TYPE,
    write=write,
    fits=needs_pyarrow,
)
