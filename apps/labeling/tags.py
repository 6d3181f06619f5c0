"""Which tags a labeling config may hold: data, not code.

The names are those registered in Label Studio Frontend 1.4.0, the editor that this server ships; the editor shows
an empty page for any other tag.
"""

from __future__ import annotations

OBJECT_TAGS = frozenset(
    "Audio AudioPlus HyperText Image List Paragraphs Table Text TimeSeries Video".split()  # noqa: SIM905
)
"""Tags that show a part of the task and are named by a control's `toName`."""

CONTROL_TAGS = frozenset(
    [
        "BrushLabels",
        "Brush",
        "Choices",
        "EllipseLabels",
        "Ellipse",
        "HyperTextLabels",
        "KeyPointLabels",
        "KeyPoint",
        "Labels",
        "Number",
        "Pairwise",
        "ParagraphLabels",
        "PolygonLabels",
        "Polygon",
        "Ranker",
        "Rating",
        "RectangleLabels",
        "Rectangle",
        "Taxonomy",
        "TextArea",
        "TimeSeriesLabels",
    ]
)
"""Tags that ask something about an object and bring result items."""

PART_TAGS = frozenset("Channel Choice Label Relation Relations Shortcut".split())  # noqa: SIM905
"""Tags that stand inside others or need no object of their own."""

VISUAL_TAGS = frozenset("Collapse Dialog Filter Header Panel Style View".split())  # noqa: SIM905
"""Tags that only arrange or decorate."""

KNOWN_TAGS = OBJECT_TAGS | CONTROL_TAGS | PART_TAGS | VISUAL_TAGS

OPTION_TAGS = frozenset({"Label", "Choice"})
"""Tags whose `value` (or `alias`) is what a result item stores."""
