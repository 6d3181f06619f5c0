"""Which variable of a labeling config a file or line without columns goes to."""

from __future__ import annotations

from apps.imports.formats.format import ReadOptions, UnreadableFile

TAGS: dict[str, tuple[str, ...]] = {
    "text": ("Text", "HyperText", "Paragraphs"),
    "image": ("Image",),
    "audio": ("Audio", "AudioPlus"),
    "video": ("Video", "HyperText"),
    "html": ("HyperText", "Text"),
    "pdf": ("HyperText", "Text"),
    "time series": ("TimeSeries",),
}
"""Which object tags show a kind of data, the fittest first."""

WITHOUT_CONFIG = {"time series": "csv"}
"""Keys in a project whose config shows nothing yet, where they are not the kind's own name."""


def variable_for(kind: str, options: ReadOptions) -> str:
    """Return the key of a task's data into which `kind` goes.

    That is the config's only variable, or the only one shown by a tag that is made for the kind; in a project
    without a config it is the kind's name.

    Raises:
        UnreadableFile: no variable fits, or several do.
    """
    variables = options.config.variables
    if not variables:
        return WITHOUT_CONFIG.get(kind, kind)
    for tag in TAGS[kind]:
        fitting = [name for name, shown in variables.items() if shown.type == tag]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            raise UnreadableFile(
                f"The labeling config shows several variables as <{tag}> ({_listed(fitting)}), and the file does not"
                " say which one it fills. Import a table with a column for each."
            )
    if len(variables) == 1:
        return next(iter(variables))
    raise UnreadableFile(
        f"The labeling config has the variables {_listed(list(variables))}, and none of them is shown by a tag for"
        f" {kind}. Import a table with a column for each."
    )


def _listed(names: list[str]) -> str:
    return ", ".join(f"${name}" for name in names)
