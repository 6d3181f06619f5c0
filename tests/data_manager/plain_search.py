"""What a plain search finds, to hold pages against that indexes have found."""

from __future__ import annotations

import itertools

from apps.data_manager.conditions import Parameters
from apps.data_manager.listing import find_page
from apps.data_manager.ordering import order_by
from apps.data_manager.searching import search
from apps.data_manager.task_query import TaskQuery


def all_pages(query: TaskQuery, page_size: int) -> list[int]:
    """Return the ids of all pages, one after the other."""
    pages = (find_page(query, page=number, page_size=page_size).ids for number in itertools.count(1))
    return [pk for ids in itertools.takewhile(bool, pages) for pk in ids]


def in_plain_order(query: TaskQuery) -> list[int]:
    """Return the ids that one statement without any index of ours finds."""
    parameters = Parameters()
    order, where = order_by(query.ordering, parameters, query.sight), query.condition(parameters)
    return [
        pk for (pk,) in search(f"SELECT t.id FROM tasks_task t WHERE {where} ORDER BY {order}", parameters)
    ]
