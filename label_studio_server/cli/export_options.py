"""The options of `label-studio export`: each field of the class is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer


@dataclass(frozen=True, kw_only=True)
class ExportCommandOptions:
    """Which project, what of it, as what, and where to."""

    directory: Annotated[
        str, typer.Argument(metavar="DIR", help="The directory of `label-studio start`; it may be running.")
    ]
    project: Annotated[
        int | None, typer.Option(help="The project's id (default: the only one there is).")
    ] = None
    format: Annotated[str, typer.Option("-f", "--format", help="The format, as docs/export.md names it.")] = (
        "JSON"
    )
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", help="A file or s3://bucket/key (default: standard output)."),
    ] = None
    as_: Annotated[
        str | None, typer.Option("--as", help="As whom, by e-mail (default: the administrator).")
    ] = None
    all: Annotated[bool, typer.Option("--all", help="Also tasks that nobody answered.")] = False
    view: Annotated[
        int | None, typer.Option(help="Only tasks of a saved tab of the data manager, by its id.")
    ] = None
    filter: Annotated[str | None, typer.Option(help="Filters as the data manager takes them, as JSON.")] = (
        None
    )
    ids: Annotated[str | None, typer.Option(help="Only these tasks: 1,2,3")] = None
    since: Annotated[
        str | None, typer.Option(help="What changed since a cursor of an earlier export, or a time.")
    ] = None
    completions: Annotated[
        str | None,
        typer.Option(help="Of a task with several: all, newest, ground_truth_first, accepted or consensus."),
    ] = None
    people: Annotated[str | None, typer.Option(help="Only completions of these people, by id: 1,2")] = None
    no_skipped: Annotated[bool, typer.Option("--no-skipped", help="Leave skips out.")] = False
    predictions: Annotated[str | None, typer.Option(help="ids, full or none.")] = None
    anonymous: Annotated[
        bool, typer.Option("--anonymous", help="Numbers that mean nothing outside the file stand for people.")
    ] = False
    media: Annotated[
        bool, typer.Option("--media", help="Media files too, in archives that can hold them.")
    ] = False
    split: Annotated[str | None, typer.Option(help="An archive of parts: train=0.8,val=0.1,test=0.1")] = None
    split_key: Annotated[
        str | None, typer.Option(help="Tasks with one value of this key of the data stay together.")
    ] = None
    split_seed: Annotated[str | None, typer.Option(help="Another one gives another split.")] = None
