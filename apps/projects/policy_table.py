"""The policy as the table of docs/people.md."""

from __future__ import annotations

from apps.projects.policy import POLICY, Role, roles_given_by

START = "<!-- policy: written by `manage.py write_policy_table` -->"
END = "<!-- end of policy -->"


def policy_table() -> str:
    """Return actions × project roles in Markdown, from what everybody may do to what owners may."""
    actions = sorted(POLICY.items(), key=lambda row: -len(row[1]))
    rows = [(str(action), ["✓" if role in allowed else "" for role in Role]) for action, allowed in actions]
    rows.append(("give, take and change these roles", [_given_by(role) for role in Role]))
    head = f"| may | {' | '.join(Role.values)} |"
    ruler = f"| --- |{' :-: |' * len(Role)}"
    lines = [
        f"| {action} |{''.join(f' {cell} |' if cell else ' |' for cell in cells)}" for action, cells in rows
    ]
    return "\n".join([head, ruler, *lines])


def _given_by(role: Role) -> str:
    given = roles_given_by(role)
    if not given:
        return ""
    return "all" if len(given) == len(Role) else f"{given[0]} and below"


def with_policy_table(text: str) -> str:
    """Return a document with the table between its marks written anew.

    Raises:
        ValueError: the document has no marks.
    """
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise ValueError(f"The document has no place for the table: put {START} and {END} into it.")
    return f"{before}{START}\n{policy_table()}\n{END}{after}"
