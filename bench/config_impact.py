"""How long it takes to say what a new labeling config would break in a project of a million completions.

    DATABASE_URL=… REDIS_URL=… DJANGO_SETTINGS_MODULE=label_studio_server.settings.test python -m bench.config_impact

The database is one to throw away: it is migrated, and filled with `--completions` tasks and completions.
"""

from __future__ import annotations

import argparse
import time
import uuid

import django
from django.core.management import call_command
from django.db import connection

LABELS = 10
BOX_CONFIG = (
    '<View><Image name="image" value="$image"/><RectangleLabels name="box" toName="image">'
    + "".join(f'<Label value="Label {number}"/>' for number in range(LABELS))
    + '</RectangleLabels><Choices name="scene" toName="image"><Choice value="Indoor"/>'
    '<Choice value="Outdoor"/></Choices></View>'
)
CHANGES = {
    "one label removed": ('<Label value="Label 3"/>', ""),
    "all labels renamed": ('Label value="Label', 'Label value="New'),
    "a control renamed": ('name="box"', 'name="thing"'),
    "another key shown": ("$image", "$picture"),
    "only looks": ("<View>", '<View style="display: flex">'),
}
TASKS = """
INSERT INTO tasks_task (project_id, inner_id, data, meta, completions_count, is_labeled)
SELECT %s, number, jsonb_build_object('image', '/pictures/' || number || '.jpg'), '{}', 1, true
FROM generate_series(1, %s) number
"""
COMPLETIONS = """
INSERT INTO completions_completion (task_id, project_id, completed_by_id, result)
SELECT t.id, t.project_id, %s, (
    SELECT jsonb_agg(jsonb_build_object(
        'id', 'r' || k, 'from_name', 'box', 'to_name', 'image', 'type', 'rectanglelabels', 'origin', 'manual',
        'original_width', 800, 'original_height', 600, 'image_rotation', 0, 'value', jsonb_build_object(
            'x', k * 10.5, 'y', 12.25, 'width', 30.5, 'height', 20.1, 'rotation', 0,
            'rectanglelabels', jsonb_build_array('Label ' || ((t.inner_id + k) %% 10)))))
    FROM generate_series(1, 3) k
) || jsonb_build_array(jsonb_build_object(
    'id', 'c', 'from_name', 'scene', 'to_name', 'image', 'type', 'choices', 'value', jsonb_build_object(
        'choices', jsonb_build_array(CASE WHEN t.inner_id %% 100 = 0 THEN 'Outdoor' ELSE 'Indoor' END))))
FROM tasks_task t WHERE t.project_id = %s
"""
EXPLAIN = """
EXPLAIN (ANALYZE, BUFFERS, COSTS OFF)
SELECT count(*) FILTER (WHERE result @> '[{"from_name": "box", "value": {"rectanglelabels": ["Label 3"]}}]')
FROM completions_completion WHERE project_id = %s
"""


def main() -> None:
    """Fill the database, ask for each change, and print how long it took and how the scan ran."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--completions", type=int, default=1_000_000)
    count = options.parse_args().completions
    django.setup()
    call_command("migrate", verbosity=0)
    # Models can be imported only once Django is set up.
    from apps.accounts.services import create_user
    from apps.projects.config_impact import impact_of
    from apps.projects.services import create_project

    owner = create_user(email=f"{uuid.uuid4().hex}@example.com", role="manager", password=None)
    project = create_project(created_by=owner, title="Impact", label_config=BOX_CONFIG)
    with connection.cursor() as cursor:
        cursor.execute(TASKS, [project.pk, count])
        cursor.execute(COMPLETIONS, [owner.pk, project.pk])
        cursor.execute("VACUUM ANALYZE tasks_task, completions_completion")
    for name, (before, after) in CHANGES.items():
        started = time.perf_counter()
        impact = impact_of(project, BOX_CONFIG.replace(before, after))
        seconds = time.perf_counter() - started
        exactness = "complete" if impact.is_complete else "at least"
        print(f"{name}: {seconds:.2f} s, {len(impact.effects)} effects, {exactness}")
    with connection.cursor() as cursor:
        cursor.execute(EXPLAIN, [project.pk])
        print("\n".join(line for (line,) in cursor.fetchall()))


if __name__ == "__main__":
    main()
