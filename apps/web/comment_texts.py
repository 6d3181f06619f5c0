"""Comments as pages show them: names in place of ids, and nothing in them that could act."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from apps.accounts.models import User
from apps.comments.mentions import parts_of
from apps.comments.models import Comment
from apps.comments.queries import people_named
from apps.projects.models import Project
from apps.projects.policy import Action, allows


@dataclass(frozen=True, slots=True)
class ShownComment:
    """A comment with its text for reading, and what the person who looks may do with it."""

    row: Comment
    text: SafeString
    may_edit: bool
    may_delete: bool


def shown_comments(comments: Iterable[Comment], project: Project, user: User) -> list[ShownComment]:
    """Return comments as `user` sees them, reading the people of all of them at once."""
    rows = list(comments)
    people = people_named(rows)
    role = project.my_role if project.archived_at is None else None
    comments_here, deletes_all = (allows(role, action) for action in (Action.COMMENT, Action.DELETE_COMMENTS))
    return [
        ShownComment(
            row,
            shown_text(row.text, people, reader=user),
            may_edit=(own := comments_here and row.author_id == user.pk),
            may_delete=own or deletes_all,
        )
        for row in rows
    ]


def shown_text(stored: str, people: Mapping[int, User], *, reader: User | None = None) -> SafeString:
    """Return a stored text as HTML: plain text is escaped, people are named as they are called today."""
    pieces = (
        escape(part.text) if part.user_id is None else _chip(people.get(part.user_id), reader)
        for part in parts_of(stored)
    )
    return mark_safe("".join(pieces))  # noqa: S308 - each piece is escaped


def _chip(person: User | None, reader: User | None) -> SafeString:
    if person is None:
        return format_html('<span class="mention">@{}</span>', "somebody who left")
    mine = " is-me" if reader is not None and person.pk == reader.pk else ""
    return format_html('<span class="mention{}" title="{}">@{}</span>', mine, person.email, person)
