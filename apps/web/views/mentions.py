"""Where people are mentioned in comments: a list of their own, and a count in the top bar."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from apps.comments.models import Mention
from apps.comments.queries import count_unread, mentions_of, people_named
from apps.comments.services import mark_read, mark_unread
from apps.core.errors import NotFound
from apps.web.access import SignedInRequest
from apps.web.comment_texts import shown_text

PAGE_SIZE = 25


@require_GET
def mentions(request: SignedInRequest) -> HttpResponse:
    """List the comments that mention this person, newest first; with `?show=all` those that were read, too."""
    return _list(request)


@require_POST
def open_mention(request: SignedInRequest, mention_id: int) -> HttpResponse:
    """Go to the comment, which is read from then on."""
    comment = _find(request, mention_id).comment
    mark_read(user=request.user, mention_ids=[mention_id])
    address = reverse("web:task", args=[comment.project_id, comment.task_id])
    return redirect(f"{address}?comment={comment.pk}#comment-{comment.pk}")


@require_POST
def read(request: SignedInRequest, mention_id: int) -> HttpResponse:
    """Mark one mention as read; with `unread` as waiting again."""
    _find(request, mention_id)
    if "unread" in request.POST:
        mark_unread(user=request.user, mention_id=mention_id)
    else:
        mark_read(user=request.user, mention_ids=[mention_id])
    return _answer(request)


@require_POST
def read_all(request: SignedInRequest) -> HttpResponse:
    """Mark all mentions as read."""
    mark_read(user=request.user)
    return _answer(request)


def _find(request: SignedInRequest, mention_id: int) -> Mention:
    mention: Mention | None = mentions_of(request.user).filter(pk=mention_id).first()
    if mention is None:
        raise NotFound("There is no such mention of you, or its comment is gone.")
    return mention


def _answer(request: SignedInRequest) -> HttpResponse:
    return _list(request) if request.htmx else redirect("web:mentions")


def _list(request: SignedInRequest) -> HttpResponse:
    found = mentions_of(request.user)
    shows_all = (request.POST if request.method == "POST" else request.GET).get("show") == "all"
    page = Paginator(found if shows_all else found.unread(), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    people = people_named(row.comment for row in rows)
    context = {
        "page": page,
        "shows_all": shows_all,
        "unread_mentions": count_unread(request.user),
        "mentions": [
            {"row": row, "text": shown_text(row.comment.text, people, reader=request.user)} for row in rows
        ],
    }
    template = "web/parts/mentions.html" if request.htmx else "web/pages/mentions.html"
    return render(request, template, context)
