"""The text of a labeling config: hostile ones are refused at once, others keep their places and their meaning."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from apps.labeling.config import ConfigError, parse_xml
from apps.labeling.source import MAX_BYTES, serialize
from apps.labeling.validation import inspect

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))

HOSTILE: dict[str, str | bytes] = {
    "billion laughs": f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]><View>&l9;</View>',
    "quadratic blow-up": f'<!DOCTYPE x [<!ENTITY a "{"a" * 50_000}">]><View>{"&a;" * 10_000}</View>',
    "external entity": '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><View><Header value="&f;"/></View>',
    "external DTD": '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><View/>',
    "parameter entity": '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p">%p;]><View/>',
    "deep nesting": "<View>" * 100_000,
    "deep nesting, closed": "<View>" * 70_000 + "</View>" * 70_000,
    "50 MB of text": "x" * 50_000_000,
    "50 MB of bytes": b"<View>" + b" " * 50_000_000,
    "too many tags": "<View>" + "<Header/>" * 60_000 + "</View>",
    "too many attributes": "<View " + " ".join(f'a{n}="1"' for n in range(80_000)) + "/>",
    "half a character": '<View x="\ud800"/>',
    "NUL": "<View>\0</View>",
    "another encoding": "<View é='1'/>".encode("latin-1"),
    "unknown encoding": b'<?xml version="1.0" encoding="klingon"?><View/>',
    "slow encoding": b'<?xml version="1.0" encoding="punycode"?><View/>' + b"a" * 900_000,
    "half of UTF-16": b"\xff\xfe<\0V\0i",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_refused_at_once_with_one_placed_problem(name):
    started = time.process_time()
    [problem] = inspect(HOSTILE[name]).problems
    assert (
        time.process_time() - started < 0.2
    )  # refused in under 0.1 s; twice that on a machine that counts coarsely
    assert problem.line is not None
    assert problem.column is not None


@pytest.mark.parametrize("name", ["billion laughs", "quadratic blow-up", "deep nesting", "50 MB of text"])
def test_hostile_text_takes_no_memory(name):
    text = HOSTILE[name]
    tracemalloc.start()
    inspect(text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * MAX_BYTES


def test_nothing_is_included_from_elsewhere(tmp_path):
    secret = tmp_path / "secret.xml"
    secret.write_text("<Header/>")
    xml = f'<View xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{secret}"/></View>'
    assert [problem.message for problem in inspect(xml).problems] == ["<xi:include> is no tag of the editor."]


@pytest.mark.parametrize(
    "raw",
    [
        '<View a="é"/>'.encode(),
        b"\xef\xbb\xbf" + '<View a="é"/>'.encode(),
        '<View a="é"/>'.encode("utf-16"),
        '<View a="é"/>'.encode("utf-32"),
        '<?xml version="1.0" encoding="ISO-8859-1"?><View a="é"/>'.encode("latin-1"),
        '\ufeff<?xml version="1.0" encoding="utf-16"?><View a="é"/>',
    ],
)
def test_every_encoding_that_a_file_declares_is_read(raw):
    assert parse_xml(raw).attributes == {"a": "é"}


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        ("<View><Text></View>", "<Text> of line 1 is not closed before this tag"),
        ("<View/><View/>", "Something follows after the outermost tag: put all of it inside"),
        ("<View><Text a=1/></View>", "attribute values stand in quotes"),
        ('<View a="1" a="2"/>', "The tag has the same attribute twice"),
        ("<View>&nbsp;</View>", "write other characters as they are"),
        ("<View>", "never closed"),
        (" <?xml version='1.0'?><View/>", "Something stands before"),
    ],
)
def test_broken_xml_is_explained(xml, message):
    with pytest.raises(ConfigError, match="is not XML") as caught:
        parse_xml(xml)
    assert message in str(caught.value)


def test_problems_stand_at_the_attribute_that_has_them():
    xml = '<View>\n  <Text name="t"\n        value="$t"/>\n  <Rating\n     name="é" toName="u"/>\n</View>'
    [problem] = inspect(xml).problems
    assert (problem.line, problem.column) == (5, 15)


def test_warnings_do_not_keep_a_config_from_being_used():
    xml = '<View>\n  <Text name="t" value="$t" colour="red"/>\n</View>'
    assert [(problem.line, problem.message.split(".")[0]) for problem in inspect(xml).warnings] == [
        (1, "The labeling config asks nothing: it holds no control, such as <Choices>"),
        (2, "<Text> has no attribute colour"),
    ]
    assert inspect(xml).config is not None


def test_ten_thousand_labels_are_read():
    labels = "".join(f'<Label value="label {number}" background="#ff0000"/>' for number in range(10_000))
    config = inspect(
        f'<View><Text name="t" value="$t"/><Labels name="l" toName="t">{labels}</Labels></View>'
    ).config
    assert config is not None
    assert len(config.controls["l"].options) == 10_000


def test_writing_a_config_and_reading_it_again_changes_nothing():
    root = parse_xml(
        '<View a="&lt;&quot;\'&#10;"><Style>.a > .b { c: "d" }</Style>\n<Choice>A &amp; B</Choice></View>'
    )
    text = serialize(root)
    assert serialize(parse_xml(text)) == text
    assert text == (
        """<View a="&lt;&quot;'&#10;">\n"""
        '  <Style>.a &gt; .b { c: "d" }</Style>\n'
        "  <Choice>A &amp; B</Choice>\n"
        "</View>\n"
    )
