"""What holds for every labeling config, however it came about."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.labeling.config import ConfigError, parse, parse_xml
from apps.labeling.results import check_result_shape, fill_paragraph_texts, result_warnings
from apps.labeling.samples import FORMATS, import_example, sample_result, sample_task
from apps.labeling.source import Element, Source, serialize
from apps.labeling.tags import registry, tags_of
from apps.labeling.task_data import validate_task
from apps.labeling.validation import inspect

TEXT = (
    st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=12)
    .map(str.strip)
    .filter(bool)
)
OPTION = TEXT.filter(
    lambda text: not text.startswith("$") and text not in ("true", "false") and "$" not in text
)
KEY = st.from_regex(r"[a-z_][a-z0-9_]{0,8}(\.[a-z]{1,4})?", fullmatch=True)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=4,
)
SHOWN = [tag for tag in tags_of("object") if not tag.broken]
ASKED = [tag for tag in tags_of("control") if not tag.broken and tag.name != "Pairwise"]


def element(tag: str, children: list[Element] | None = None, **attributes: str) -> Element:
    return Element(tag, attributes, 1, 1, 0, Source(b""), children or [])


@st.composite
def configs(draw: st.DrawFn) -> str:
    """A config of some objects, each with some controls that work on it."""
    children = []
    for number, shown in enumerate(draw(st.lists(st.sampled_from(SHOWN), min_size=1, max_size=4))):
        inner = [element("Channel", column="level")] if shown.name == "TimeSeries" else []
        extra = {"valueType": "json"} if shown.name == "TimeSeries" else {}
        children.append(element(shown.name, inner, name=f"o{number}", value=f"${draw(KEY)}{number}", **extra))
        asked = draw(
            st.lists(st.sampled_from([tag for tag in ASKED if tag.works_with(shown.name)]), max_size=3)
        )
        for place, control in enumerate(asked):
            options = draw(st.lists(OPTION, min_size=1, max_size=4, unique=True)) if control.option else []
            children.append(
                element(
                    control.name,
                    [element(control.option, value=option) for option in options],
                    name=f"c{number}_{place}",
                    toName=f"o{number}",
                )
            )
    return serialize(element("View", children))


def meaning(root: Element) -> object:
    """What a tree says, without where it stands."""
    return root.tag, root.attributes, root.text.strip(), [meaning(child) for child in root.children]


TREES = st.recursive(
    st.builds(
        lambda tag, attributes: element(tag, **attributes),
        st.sampled_from(sorted(registry())),
        st.dictionaries(st.from_regex(r"[a-z]{1,6}", fullmatch=True), TEXT, max_size=3),
    ),
    lambda inner: st.builds(
        lambda tag, children: element(tag, children),
        st.sampled_from(["View", "Panel"]),
        st.lists(inner, max_size=3),
    ),
    max_leaves=10,
)


@given(TREES)
def test_writing_and_reading_keeps_the_meaning(tree):
    text = serialize(tree)
    assert meaning(parse_xml(text)) == meaning(tree)
    assert serialize(parse_xml(text)) == text


@settings(max_examples=60)
@given(configs())
def test_what_is_built_by_the_rules_is_judged_usable(xml):
    verdict = inspect(xml)
    assert verdict.problems == []
    assert verdict.config == parse(xml)


@settings(max_examples=60)
@given(configs())
def test_sample_tasks_and_results_fit(xml):
    config = parse(xml)
    data = sample_task(config)
    assert validate_task(config, data) == []
    assert result_warnings(config, sample_result(config), data) == []
    for name in FORMATS:
        assert import_example(config, name)


@settings(max_examples=60)
@given(
    configs(),
    JSON,
    st.lists(
        st.dictionaries(st.sampled_from(["id", "from_name", "to_name", "type", "value"]), JSON), max_size=3
    ),
)
def test_no_data_and_no_result_makes_anything_crash(xml, data, result):
    config = parse(xml)
    validate_task(config, data)
    assert check_result_shape(result) == []
    result_warnings(config, result, data if isinstance(data, dict) else None)
    fill_paragraph_texts(config, result, data if isinstance(data, dict) else {})


@settings(max_examples=60)
@given(configs(), st.data())
def test_no_value_of_a_known_control_makes_anything_crash(xml, draw):
    config = parse(xml)
    data = sample_task(config)
    for item in sample_result(config):
        item["value"] = {key: draw.draw(JSON) for key in item["value"]}
        result_warnings(config, [item], data)
        fill_paragraph_texts(config, [item], data)


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_no_text_and_no_bytes_make_the_validator_crash(raw):
    with suppress(ConfigError):
        parse_xml(raw)
    inspect(raw)


@settings(max_examples=60)
@given(configs(), st.integers(0, 400), st.text(max_size=3))
def test_no_slip_of_the_keyboard_makes_the_validator_crash(xml, place, typed):
    broken = xml[:place] + typed + xml[place + 1 :]
    for problem in inspect(broken).problems:
        assert problem.line is not None
        assert problem.column is not None
