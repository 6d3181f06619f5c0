"""Says everything that is wrong with a labeling config, or with a task or result under it, in words for managers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches

from lxml import etree

from apps.labeling.config import ConfigError, LabelingConfig, Problem, parse_xml, read
from apps.labeling.tags import CONTROL_TAGS, KNOWN_TAGS, OBJECT_TAGS, OPTION_TAGS


def validate(xml: str) -> LabelingConfig:
    """Return the model of `xml`.

    Raises:
        ConfigError: listing every problem found, each with its line where it has one.
    """
    root = parse_xml(xml)
    problems = [*_tag_problems(root), *_name_problems(root), *_reference_problems(root)]
    if problems:
        raise ConfigError(sorted(problems, key=lambda problem: problem.line or 0))
    return read(root)


def _tag(element: etree._Element) -> str:
    return str(element.tag)


def _problem(element: etree._Element, message: str) -> Problem:
    return Problem(message, element.sourceline)


def _tag_problems(root: etree._Element) -> Iterator[Problem]:
    for element in root.iter(etree.Element):
        tag = _tag(element)
        if tag not in KNOWN_TAGS:
            nearest = get_close_matches(tag, KNOWN_TAGS, n=1)
            hint = f" Did you mean <{nearest[0]}>?" if nearest else ""
            yield _problem(element, f"<{tag}> is no tag of the editor.{hint}")
        elif tag in OPTION_TAGS and not (element.get("value") or element.get("alias")):
            yield _problem(element, f'<{tag}> needs a value, as in <{tag} value="Person"/>.')
        elif tag in CONTROL_TAGS and tag != "TextArea":
            yield from _missing_attributes(element, "name", "toName")
        elif tag in OBJECT_TAGS:
            yield from _missing_attributes(element, "name", "value")


def _missing_attributes(element: etree._Element, *names: str) -> Iterator[Problem]:
    for name in names:
        if not (element.get(name) or "").strip():
            yield _problem(element, f"<{_tag(element)}> needs the attribute {name}.")


def _name_problems(root: etree._Element) -> Iterator[Problem]:
    named = [element for element in root.iter(etree.Element) if element.get("name")]
    counts = Counter(element.get("name") for element in named)
    for name, count in counts.items():
        if count > 1:
            last = next(element for element in reversed(named) if element.get("name") == name)
            yield _problem(last, f'{count} tags are named "{name}"; names must be unique.')


def _reference_problems(root: etree._Element) -> Iterator[Problem]:
    kinds = {
        str(element.get("name")): _tag(element) for element in root.iter(etree.Element) if element.get("name")
    }
    controls = [element for element in root.iter(*CONTROL_TAGS) if element.get("toName")]
    for element in controls:
        for target in (part.strip() for part in element.get("toName", "").split(",")):
            if target not in kinds:
                nearest = get_close_matches(target, kinds, n=1)
                hint = f' Did you mean "{nearest[0]}"?' if nearest else ""
                yield _problem(
                    element, f'<{_tag(element)}> points to "{target}", but no tag has that name.{hint}'
                )
            elif kinds[target] in CONTROL_TAGS and _tag(element) != "Pairwise" and kinds[target] != "Ranker":
                yield _problem(
                    element,
                    f'<{_tag(element)}> points to "{target}", which is a <{kinds[target]}>, not an object.',
                )


def problems_of(xml: str) -> list[Problem]:
    """Return everything that keeps `xml` from being used, in the order of its lines; never raises."""
    try:
        validate(xml)
    except ConfigError as error:
        return error.problems
    return []
