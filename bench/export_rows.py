"""Rows to export: projects of texts and of pictures, each task with a completion, made within PostgreSQL itself."""

from __future__ import annotations

from typing import Any

from psycopg2 import extensions

TEXT_CONFIG = """
<View>
  <Labels name="label" toName="text"><Label value="Person"/><Label value="Place"/></Labels>
  <Text name="text" value="$text"/>
</View>
""".strip()
PICTURE_CONFIG = """
<View>
  <RectangleLabels name="box" toName="image"><Label value="Cat"/><Label value="Dog"/></RectangleLabels>
  <PolygonLabels name="shape" toName="image"><Label value="Lawn"/></PolygonLabels>
  <Image name="image" value="$image"/>
</View>
""".strip()

_TASKS = """
INSERT INTO tasks_task (project_id, inner_id, data, meta, completions_count, is_labeled)
SELECT %(project)s, number, {data}, '{{}}', 1, true FROM generate_series(1, %(count)s) number
"""
_COMPLETIONS = """
INSERT INTO completions_completion (task_id, project_id, completed_by_id, result, lead_time)
SELECT t.id, t.project_id, (SELECT min(id) FROM accounts_user), {result}, 7.25
FROM tasks_task t WHERE t.project_id = %(project)s
"""
# About 200 characters; the spans begin and end with words.
_TEXT = """jsonb_build_object('source', 'article-' || number, 'text',
    'On Amira wrote to Charles Babbage, then in Lisbon, that the engine in the harbour had stopped for the third time '
    || 'this winter, and that the council of the river market would meet at station ' || number)"""
_SPANS = """jsonb_build_array(
    jsonb_build_object('id', 'p' || t.id, 'from_name', 'label', 'to_name', 'text', 'type', 'labels', 'origin', 'manual',
        'value', jsonb_build_object('start', 3, 'end', 8, 'text', 'Amira', 'labels', jsonb_build_array('Person'))),
    jsonb_build_object('id', 'q' || t.id, 'from_name', 'label', 'to_name', 'text', 'type', 'labels', 'origin', 'manual',
        'value', jsonb_build_object('start', 43, 'end', 49, 'text', 'Lisbon', 'labels', jsonb_build_array('Place'))))"""
_PICTURE = (
    "jsonb_build_object('image', 'https://example.com/photos/' || lpad(number::text, 7, '0') || '.jpg')"
)
# Numbers of people's drawing have many digits.
_SHAPES = """(SELECT jsonb_agg(jsonb_build_object(
        'id', 'r' || k || t.id, 'from_name', 'box', 'to_name', 'image', 'type', 'rectanglelabels', 'origin', 'manual',
        'original_width', 1280, 'original_height', 853, 'image_rotation', 0, 'value', jsonb_build_object(
            'x', 100 * (t.id * k %% 601) / 1009.0, 'y', 100 * (t.id * k %% 389) / 997.0, 'width', 3100 / (90.7 + k),
            'height', 2900 / (80.3 + k), 'rotation', 0,
            'rectanglelabels', jsonb_build_array(CASE k WHEN 1 THEN 'Cat' ELSE 'Dog' END))))
    FROM generate_series(1, 2) k)
  || jsonb_build_array(jsonb_build_object(
        'id', 's' || t.id, 'from_name', 'shape', 'to_name', 'image', 'type', 'polygonlabels', 'origin', 'manual',
        'original_width', 1280, 'original_height', 853, 'image_rotation', 0, 'value', jsonb_build_object(
            'polygonlabels', jsonb_build_array('Lawn'), 'points', (
                SELECT jsonb_agg(jsonb_build_array(
                    50 + 40 * cos(k * pi() / 4), 50 + (5 + t.id %% 35) * sin(k * pi() / 4)))
                FROM generate_series(0, 7) k))))"""


def fill(connection: extensions.connection, project: int, count: int, *, pictures: bool) -> None:
    """Give a project `count` tasks with a completion each: texts with two spans, or pictures with three shapes."""
    values: dict[str, Any] = {"project": project, "count": count}
    with connection, connection.cursor() as cursor:
        cursor.execute(_TASKS.format(data=_PICTURE if pictures else _TEXT), values)
        cursor.execute(_COMPLETIONS.format(result=_SHAPES if pictures else _SPANS), values)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE tasks_task, completions_completion")
    connection.autocommit = False
