"""From what was typed to what is stored: finds the people that a text names, and checks that they can be told."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from django.db.models import Q, Value
from django.db.models.functions import Concat, Lower, Trim

from apps.accounts.models import User
from apps.comments.mentions import can_be_typed, mentioned_ids, names_typed, with_ids
from apps.completions.models import Completion
from apps.core.errors import ValidationFailed
from apps.projects.models import Membership, Project
from apps.projects.policy import Action, allows

MAX_LENGTH = 5_000
"""Characters of a comment."""

MAX_MENTIONS = 50
"""People that one comment can name."""


def stored_text(
    project: Project,
    typed: str,
    *,
    completion: Completion | None = None,
    named_before: frozenset[int] = frozenset(),
) -> str:
    """Return a comment's text as it is stored, with the ids of the members it names.

    Args:
        completion: the one it is about, if any: who may not see that cannot be told of the comment.
        named_before: people who may be named although they left since.

    Raises:
        ValidationFailed: there is no text, or too much, or it names somebody who cannot be told of it.
    """
    text = _checked(typed)
    stored = with_ids(text, _ids_by_name(project, text, named_before))
    named = mentioned_ids(stored)
    if len(named) > MAX_MENTIONS:
        raise _refused(f"A comment can mention {MAX_MENTIONS} people; this one mentions {len(named)}.")
    _require_told(project, [pk for pk in named if pk not in named_before], completion)
    return stored


def _checked(typed: str) -> str:
    text = typed.replace("\r\n", "\n").strip()
    if not text:
        raise _refused("Write something first.")
    if "\x00" in text:
        raise _refused("A comment cannot hold NUL characters.")
    if len(text) > MAX_LENGTH:
        raise _refused(f"A comment has at most {MAX_LENGTH:,} characters; this one has {len(text):,}.")
    return text


def _ids_by_name(project: Project, text: str, named_before: frozenset[int]) -> dict[str, int]:
    """Return the people that a text may name, by their names and addresses in lower case.

    Of two people of one name it is the one who was named before.
    """
    names = names_typed(text)
    if not names:
        return {}
    full_name = Lower(Trim(Concat("first_name", Value(" "), "last_name")))
    members = Membership.objects.filter(project=project, user__is_active=True).values("user_id")
    people = User.objects.filter(Q(pk__in=members) | Q(pk__in=named_before)).annotate(called=full_name)
    rows = people.filter(Q(called__in=names) | Q(email__in=names)).values_list("pk", "called", "email")
    found: dict[str, set[int]] = defaultdict(set)
    for user_id, *called in rows:
        for name in names.intersection(called):
            found[name].add(user_id)
    return {name: _only_one(name, ids, named_before) for name, ids in found.items()}


def _only_one(name: str, user_ids: set[int], named_before: frozenset[int]) -> int:
    known = user_ids & named_before if len(user_ids) > 1 else user_ids
    if len(known) != 1:
        raise _refused(
            f"Several members are called “{name}”: mention the one you mean by e-mail, as @name@example.com."
        )
    return next(iter(known))


def typed_names(people: Iterable[User]) -> dict[int, str]:
    """Return what is typed after an `@` to mention each of `people`: the name where it is clear, else the address."""
    listed = list(people)
    alike = Counter(person.full_name.lower() for person in listed)
    return {
        person.pk: person.full_name
        if alike[person.full_name.lower()] == 1 and can_be_typed(person.full_name)
        else person.email
        for person in listed
    }


def _require_told(project: Project, user_ids: Iterable[int], completion: Completion | None) -> None:
    """Let a comment pass whose mentioned people are members and will see it."""
    wanted = list(user_ids)
    if not wanted:
        return
    members = Membership.objects.filter(project=project, user_id__in=wanted, user__is_active=True)
    found = {member.user_id: member for member in members.select_related("user")}
    for user_id in wanted:
        if user_id not in found:
            raise _refused(f"User {user_id} is no member of this project and cannot be mentioned.")
        if not _sees(found[user_id].user, found[user_id].role, project, completion):
            raise _refused(
                f"{found[user_id].user} does not see this completion, so nothing would tell them of the comment. "
                "Comment on the task instead."
            )


def _sees(user: User, role: str, project: Project, completion: Completion | None) -> bool:
    if completion is None or completion.completed_by_id == user.pk:
        return True
    return project.show_completions_to_annotators or allows(role, Action.VIEW_ALL_COMPLETIONS)


def _refused(message: str) -> ValidationFailed:
    return ValidationFailed(message, fields={"text": [message]})
