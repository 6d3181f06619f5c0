"""Instructions: Markdown and HTML as annotators see them, without what could act."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.projects.models import Project
from apps.web.instructions import MAX_MARKDOWN, render_instructions
from tests.cast import Cast

BrowserOf = Callable[[User | None], Client]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("# Mood\n\nJudge *all* of it.", "<h1>Mood</h1>\n<p>Judge <em>all</em> of it.</p>\n"),
        ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"),
        ("~~never~~", "<p><s>never</s></p>\n"),
        ("| a |\n| - |\n| 1 |", "<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n"
         "<tbody>\n<tr>\n<td>1</td>\n</tr>\n</tbody>\n</table>\n"),
        ("5 < 6 & 7 > 2", "<p>5 &lt; 6 &amp; 7 &gt; 2</p>\n"),
        ("", ""),
        (" \n", ""),
    ],
)  # fmt: skip
def test_markdown_is_rendered(written: str, shown: str) -> None:
    assert render_instructions(written) == shown


def test_links_open_in_a_tab_that_does_not_know_where_it_came_from() -> None:
    shown = render_instructions("[the guide](https://example.com/guide)")

    assert shown == (
        '<p><a href="https://example.com/guide" target="_blank" rel="noopener noreferrer">the guide</a></p>\n'
    )


def test_html_of_the_flask_era_is_shown_as_it_was() -> None:
    html = "<div>\n\n    <h3>Do</h3>\n\n    <p>Choose <b>one</b>, not a_b_c or 2 * 3 * 4.</p>\n</div>"

    assert render_instructions(html).split() == html.split()


@pytest.mark.parametrize(
    ("attack", "shown"),
    [
        ("<script>alert(1)</script>", ""),
        ("<img src=x onerror=alert(1)>", '<img src="x">'),
        ("<a href='javascript:alert(1)' onclick='x()'>a</a>",
         '<p><a target="_blank" rel="noopener noreferrer">a</a></p>\n'),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>\n"),
        ("[a](java&#10;script:alert(1))",  # a path, as % stands in no scheme
         '<p><a href="java%0Ascript:alert(1)" target="_blank" rel="noopener noreferrer">a</a></p>\n'),
        ("[a](data:text/html,<script>alert(1)</script>)", "<p>[a](data:text/html,)</p>\n"),
        ("![a](data:image/svg+xml;base64,PHN2Zz4=)", "<p>![a](data:image/svg+xml;base64,PHN2Zz4=)</p>\n"),
        ("<iframe src='https://example.com'></iframe>", ""),
        ("<form action='https://example.com'><input name=password><button>Go</button></form>", "Go"),
        ("<style>body{display:none}</style>", ""),
        ("<p style='position:fixed;inset:0'>a</p>", "<p>a</p>"),
        ("<div id='label-stage' class='modal show'>a</div>", "<div>a</div>"),
        ("<svg><script>alert(1)</script></svg>", "<p></p>\n"),
        ("<math><mtext><img src=x onerror=alert(1)></mtext></math>", "<p></p>\n"),
        ("<p hx-get='/jobs' hx-trigger='load'>a</p>", "<p>a</p>"),
        ("<!-- <script>alert(1)</script> -->", ""),
        ("<<script>script>alert(1)<</script>/script>", "<p>&lt;/script&gt;</p>\n"),
    ],
)  # fmt: skip
def test_nothing_that_could_act_is_left(attack: str, shown: str) -> None:
    assert render_instructions(attack) == shown


def test_very_long_instructions_are_html_only_and_as_safe() -> None:
    shown = render_instructions("<b>Read</b> **this** <script>alert(1)</script>" + "[" * MAX_MARKDOWN)

    assert shown == "<b>Read</b> **this** " + "[" * MAX_MARKDOWN


def test_annotators_get_them_rendered(cast: Cast, browser_of: BrowserOf) -> None:
    Project.objects.filter(pk=cast.project.pk).update(instruction="Choose **one** <script>alert(1)</script>")

    page = browser_of(cast.annotator).get(f"/projects/{cast.project.pk}/label")

    assert page.context["instruction"] == "<p>Choose <strong>one</strong> </p>\n"
    assert "<p>Choose <strong>one</strong> </p>" in page.content.decode()


def test_their_pictures_may_come_from_where_tasks_data_comes(cast: Cast, browser_of: BrowserOf) -> None:
    for person, page in ((cast.annotator, "label"), (cast.manager, "settings/instructions")):
        policy = browser_of(person).get(f"/projects/{cast.project.pk}/{page}")["Content-Security-Policy"]
        assert {"img-src 'self' data: https: http:", "script-src 'self'"} <= set(policy.split("; "))


def test_the_preview_shows_what_is_typed_and_saves_nothing(cast: Cast, browser_of: BrowserOf) -> None:
    address = f"/projects/{cast.project.pk}/settings/instructions/preview"

    part = browser_of(cast.manager).post(address, {"instruction": "Read *twice* <script>x</script>"})

    assert part.content.decode().strip() == "<p>Read <em>twice</em> </p>"
    assert Project.objects.get(pk=cast.project.pk).instruction == ""


def test_a_preview_of_nothing_says_so(cast: Cast, browser_of: BrowserOf) -> None:
    address = f"/projects/{cast.project.pk}/settings/instructions/preview"

    part = browser_of(cast.manager).post(address, {})

    assert "Nothing is written yet" in part.content.decode()
