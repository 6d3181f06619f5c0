"""Which tasks a person may get, and in which order: one walk over one index each.

Another strategy comes in here, and nowhere else: "low agreement first", say, is one more member of `Sampling`, a
column of the task that holds the agreement, a partial index over it, and a line in `_FROM_THE_FRONT`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from apps.projects.models import HandingOut, Project, Sampling

# A lease is taken on the lowest free slot, so slots 0 … slot-1 are leased; that the leases are fewer than the
# answers still missing then holds for the slot too, also when the row changed before it was locked.
_LOWEST_FREE_SLOT = """(
    SELECT min(free.slot) FROM generate_series({first}, {last}) AS free (slot)
    WHERE NOT EXISTS (
        SELECT FROM tasks_lease l WHERE l.task_id = t.id AND l.slot = free.slot AND l.expires_at >= now()
    )
)"""
_LEASES = "(SELECT count(*) FROM tasks_lease l WHERE l.task_id = t.id AND l.expires_at >= now())"
_ROOM_FOR_ONE_MORE = f"{_LEASES} < t.overlap - t.answers_count"

# Assigning a task keeps a slot for each person who has it neither answered nor in hand.
_ROOM_BESIDE_ASSIGNED = f"""{_LEASES} + CASE WHEN t.is_assigned THEN (
    SELECT count(*) FROM tasks_assignment a
    WHERE a.task_id = t.id AND a.is_open AND a.user_id <> %(user)s AND NOT EXISTS (
        SELECT FROM tasks_lease l
        WHERE l.task_id = t.id AND l.user_id = a.user_id AND l.expires_at >= now()
    )
) ELSE 0 END < t.overlap - t.answers_count"""  # noqa: S608 - its parts stand above


_TASKS = "tasks_task t"


@dataclass(frozen=True, slots=True)
class Walk:
    """One walk over one index, as parts of a statement; the task is `t`.

    Attributes:
        order: the keys of the index.
        condition: which part of the index.
        source: the tables.
        room: whether the task takes one more person.
        slot: the slot that they get.
        is_comparison: whether the task is labeled already, and the answer one more than it needs.
        held: which of the person's leases `l` count, with its AND; empty for all in the project.
    """

    order: str
    condition: str = "t.project_id = %(project)s AND NOT t.is_labeled"
    source: str = _TASKS
    room: str = _ROOM_FOR_ONE_MORE
    slot: str = _LOWEST_FREE_SLOT.format(first="0", last="t.overlap - 1")
    is_comparison: bool = False
    held: str = ""

    def within(self, condition: str) -> Walk:
        """Return the part of this walk for which `condition` holds."""
        return replace(self, condition=f"{self.condition} AND {condition}")


# The keys of the partial indexes; `inner_id` rather than `id`, whose primary key would tempt the planner into
# walking over all that is labeled.
_SEQUENTIAL = Walk("t.inner_id")
_UNIFORM = Walk("t.sample_key")
_LOWEST_SCORE = Walk("t.prediction_score, t.id").within("t.prediction_score IS NOT NULL")
_HIGHEST_SCORE = replace(_LOWEST_SCORE, order="t.prediction_score DESC, t.id DESC")

# Tasks without a score come last, in their sequence.
_FROM_THE_FRONT: dict[str, tuple[Walk, ...]] = {
    Sampling.SEQUENTIAL: (_SEQUENTIAL,),
    Sampling.UNIFORM: (_UNIFORM,),
    Sampling.PREDICTION_SCORE_MIN: (_LOWEST_SCORE, _SEQUENTIAL),
    Sampling.PREDICTION_SCORE_MAX: (_HIGHEST_SCORE, _SEQUENTIAL),
}

# With overlap, what one person has answered stays open for others and piles up at the front of the order; so do tasks
# that are assigned to others. So the walk begins behind their latest answer, and only when nothing is left there, at
# the front. Answers to tasks with a ground truth are passed over: those are handed out from anywhere.
_LATEST_LOOKED_AT = 10
_BEHIND_LATEST_ANSWER = """{key} > coalesce((
    SELECT {latest_key}
    FROM (
        SELECT c.task_id, c.created_at FROM completions_completion c
        WHERE c.project_id = %(project)s AND c.completed_by_id = %(user)s
        ORDER BY c.created_at DESC LIMIT {looked_at}
    ) recent JOIN tasks_task latest ON latest.id = recent.task_id
    WHERE {counts}
    ORDER BY recent.created_at DESC LIMIT 1
), -1)"""
_STARTING_BEHIND = frozenset({Sampling.SEQUENTIAL, Sampling.UNIFORM})

_ASSIGNED_SOURCE = "tasks_assignment a JOIN tasks_task t ON t.id = a.task_id"
_ASSIGNED_CONDITION = "a.project_id = %(project)s AND a.user_id = %(user)s AND a.is_open AND NOT t.is_labeled"
_ASSIGNED = Walk("a.task_id", _ASSIGNED_CONDITION, _ASSIGNED_SOURCE)
# Scores stand with the tasks, so a person's open assignments are sorted by them; for the others an index has the order.
_OF_MINE: dict[str, Walk] = {
    Sampling.SEQUENTIAL: _ASSIGNED,
    Sampling.UNIFORM: replace(_ASSIGNED, order="a.sample_key"),
    Sampling.PREDICTION_SCORE_MIN: replace(_ASSIGNED, order="t.prediction_score NULLS LAST, a.task_id"),
    Sampling.PREDICTION_SCORE_MAX: replace(_ASSIGNED, order="t.prediction_score DESC NULLS LAST, a.task_id"),
}

# Due when none of the person's latest tasks, the one in hand among them, had a ground truth by somebody else.
_COMPARISON_IS_DUE = """(
    SELECT count(*) = %(every)s::int - 1 AND coalesce(bool_and(NOT EXISTS (
        SELECT FROM completions_completion g
        WHERE g.task_id = latest.task_id AND g.ground_truth AND g.completed_by_id IS DISTINCT FROM %(user)s
    )), true)
    FROM (
        SELECT task_id FROM (
            SELECT %(besides)s::bigint AS task_id, 'infinity'::timestamptz AS created_at WHERE %(besides)s::bigint > 0
            UNION ALL (
                SELECT c.task_id, c.created_at FROM completions_completion c
                WHERE c.project_id = %(project)s AND c.completed_by_id = %(user)s
                ORDER BY c.created_at DESC LIMIT %(every)s::int - 1
            )
        ) either
        ORDER BY created_at DESC LIMIT %(every)s::int - 1
    ) latest
)"""

# Such a task has all its answers. Its leases take slots beyond those, as many as there are people on it.
COMPARISON = Walk(
    order="t.sample_key",
    condition="t.project_id = %(project)s AND t.is_labeled AND t.ground_truths_count > 0"
    f" AND {_COMPARISON_IS_DUE}",
    room="true",
    slot=_LOWEST_FREE_SLOT.format(first="t.overlap", last=f"t.overlap + {_LEASES}"),
    is_comparison=True,
)


_CHOSEN = Walk(
    order="array_position(%(among)s::bigint[], t.id)",
    room=_ROOM_BESIDE_ASSIGNED,
    held="AND l.task_id = ANY(%(among)s::bigint[])",
).within("t.id = ANY(%(among)s::bigint[])")
_ASSIGNED_TO_ME = """EXISTS (
    SELECT FROM tasks_assignment a WHERE a.task_id = t.id AND a.user_id = %(user)s AND a.is_open
)"""


def chosen_walk(project: Project) -> Walk:
    """Return the walk over the tasks whose ids are in the value `among`, in the order they stand there."""
    is_assigned_only = project.handing_out == HandingOut.ASSIGNED_ONLY
    return _CHOSEN.within(_ASSIGNED_TO_ME) if is_assigned_only else _CHOSEN


def _behind_latest_answer(walk: Walk, *, passes_ground_truth: bool) -> Walk:
    return walk.within(
        _BEHIND_LATEST_ANSWER.format(
            key=walk.order,
            latest_key=walk.order.replace("t.", "latest."),
            looked_at=_LATEST_LOOKED_AT if passes_ground_truth else 1,
            counts="latest.ground_truths_count = 0" if passes_ground_truth else "true",
        )
    )


def thorough_walks(project: Project) -> tuple[Walk, ...]:
    """Return the walks over everything that people may get in this project; one after the other, first ones first."""
    mine = (_OF_MINE[project.sampling],)
    open_queue = _FROM_THE_FRONT[project.sampling]
    if project.handing_out == HandingOut.ASSIGNED_ONLY:
        return mine
    if project.handing_out == HandingOut.ASSIGNED_FIRST:
        return mine + tuple(replace(walk, room=_ROOM_BESIDE_ASSIGNED) for walk in open_queue)
    return open_queue


def quick_walks(project: Project) -> tuple[Walk, ...]:
    """Return walks that find a task after few steps, if there is one where they look."""
    walks = thorough_walks(project)
    piles_up = project.overlap > 1 or project.handing_out == HandingOut.ASSIGNED_FIRST
    if not piles_up or project.sampling not in _STARTING_BEHIND:
        return walks
    passes_ground_truth = project.ground_truth_every > 0
    return tuple(
        _behind_latest_answer(walk, passes_ground_truth=passes_ground_truth)
        if walk.source == _TASKS
        else walk
        for walk in walks
    )
