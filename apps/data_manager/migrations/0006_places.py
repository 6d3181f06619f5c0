from django.db import migrations

# Where every thousandth entry of an index stood when its entries were counted last, and what has come and gone since:
# both as the entries stand in the order, with 0 and '' for what they have not. A change without a kind says that so
# many went at once that nobody wrote them down.
_TABLES = """
CREATE TABLE data_manager_dataplace (
    key_id bigint NOT NULL,
    kind smallint NOT NULL,
    place bigint NOT NULL,
    number numeric NOT NULL,
    value text COLLATE "C" NOT NULL,
    task_id bigint NOT NULL
);
CREATE INDEX data_place_order ON data_manager_dataplace (key_id, kind, place);
CREATE TABLE data_manager_datachange (
    key_id bigint NOT NULL,
    change smallint,
    kind smallint,
    number numeric,
    value text COLLATE "C",
    task_id bigint
);
CREATE INDEX data_change_of_key ON data_manager_datachange (key_id, kind);
"""
_DROP_TABLES = "DROP TABLE data_manager_datachange; DROP TABLE data_manager_dataplace"

_MANY_NEW_TASKS = """
    IF NOT EXISTS (SELECT FROM data_manager_datakey) THEN
        RETURN NULL;
    END IF;
    IF (SELECT count(*) FROM (SELECT FROM new_tasks LIMIT 1001) AS few) > 1000 THEN
        UPDATE data_manager_datakey SET marks = marks + 1 WHERE id IN (
            SELECT id FROM data_manager_datakey
            WHERE project_id IN (SELECT DISTINCT project_id FROM new_tasks) ORDER BY id FOR UPDATE
        );
        RETURN NULL;
    END IF;
"""
_NEW_VALUES = """
    INSERT INTO data_manager_datavalue (key_id, task_id, kind, number, value)
    SELECT key_id, task_id, CASE WHEN number IS NOT NULL THEN 0 WHEN value IS NOT NULL THEN 1 ELSE 2 END, number,
           left(value, 256)
    FROM (SELECT key_id, task_id, value, data_number(value) AS number FROM (
              SELECT k.id AS key_id, t.id AS task_id, data_text(t.data, k.key) AS value
              FROM new_tasks t JOIN data_manager_datakey k ON k.project_id = t.project_id AND k.purpose = 'values'
              OFFSET 0) read OFFSET 0) compared
    ON CONFLICT (key_id, task_id) DO NOTHING
"""
_NEW_MOMENTS_AND_TEXTS = """
    INSERT INTO data_manager_datavalue (key_id, task_id, kind, number)
    SELECT key_id, task_id, moment.kind, moment.number
    FROM (SELECT k.id AS key_id, t.id AS task_id, data_text(t.data, k.key) AS value
          FROM new_tasks t JOIN data_manager_datakey k ON k.project_id = t.project_id AND k.purpose = 'times'
          OFFSET 0) read, data_moment(value) AS moment
    ON CONFLICT (key_id, task_id) DO NOTHING;
    INSERT INTO data_manager_datatext (key_id, task_id, value)
    SELECT k.id, t.id, data_text(t.data, k.key)
    FROM new_tasks t JOIN data_manager_datakey k ON k.project_id = t.project_id AND k.purpose = 'texts'
    ON CONFLICT (key_id, task_id) DO NOTHING;
"""
_CHANGED_VALUES = """
    INSERT INTO data_manager_datavalue (key_id, task_id, kind, number, value)
    SELECT key_id, NEW.id, CASE WHEN number IS NOT NULL THEN 0 WHEN value IS NOT NULL THEN 1 ELSE 2 END, number,
           left(value, 256)
    FROM (SELECT key_id, value, data_number(value) AS number FROM (
              SELECT k.id AS key_id, data_text(NEW.data, k.key) AS value FROM data_manager_datakey k
              WHERE k.project_id = NEW.project_id AND k.purpose = 'values' OFFSET 0) read OFFSET 0) compared
    ON CONFLICT (key_id, task_id) DO UPDATE SET kind = excluded.kind, number = excluded.number, value = excluded.value
"""
_CHANGED_MOMENTS_AND_TEXTS = """
    INSERT INTO data_manager_datavalue (key_id, task_id, kind, number)
    SELECT key_id, NEW.id, moment.kind, moment.number
    FROM (SELECT k.id AS key_id, data_text(NEW.data, k.key) AS value FROM data_manager_datakey k
          WHERE k.project_id = NEW.project_id AND k.purpose = 'times' OFFSET 0) read, data_moment(value) AS moment
    ON CONFLICT (key_id, task_id) DO UPDATE SET kind = excluded.kind, number = excluded.number;
    INSERT INTO data_manager_datatext (key_id, task_id, value)
    SELECT k.id, NEW.id, data_text(NEW.data, k.key)
    FROM data_manager_datakey k WHERE k.project_id = NEW.project_id AND k.purpose = 'texts'
    ON CONFLICT (key_id, task_id) DO UPDATE SET value = excluded.value;
"""
_GONE = """
    DELETE FROM data_manager_datavalue v USING gone t, data_manager_datakey k
    WHERE k.project_id = t.project_id AND v.key_id = k.id AND v.task_id = t.id
"""
_GONE_TEXTS = """
    DELETE FROM data_manager_datatext v USING gone t, data_manager_datakey k
    WHERE k.project_id = t.project_id AND v.key_id = k.id AND v.task_id = t.id;
"""

# The functions of migration 0005, and that they write down what changes.
_NOTE_CHANGES = f"""
CREATE OR REPLACE FUNCTION index_new_tasks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {_MANY_NEW_TASKS}
    WITH added AS ({_NEW_VALUES} RETURNING key_id, kind, number, value, task_id)
    INSERT INTO data_manager_datachange (key_id, change, kind, number, value, task_id)
    SELECT key_id, 1, kind, coalesce(number, 0), coalesce(value, ''), task_id FROM added;
    {_NEW_MOMENTS_AND_TEXTS}
    RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION index_changed_task() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    WITH former AS (
        SELECT v.key_id, v.kind, v.number, v.value
        FROM data_manager_datakey k JOIN data_manager_datavalue v ON v.key_id = k.id AND v.task_id = NEW.id
        WHERE k.project_id = NEW.project_id AND k.purpose = 'values'
    ), stored AS ({_CHANGED_VALUES} RETURNING key_id, kind, number, value)
    INSERT INTO data_manager_datachange (key_id, change, kind, number, value, task_id)
    SELECT key_id, sum(change), kind, coalesce(number, 0), coalesce(value, ''), NEW.id
    FROM (SELECT -1 AS change, * FROM former UNION ALL SELECT 1, * FROM stored) AS changes
    GROUP BY key_id, kind, number, value HAVING sum(change) <> 0;
    {_CHANGED_MOMENTS_AND_TEXTS}
    RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION unindex_deleted_tasks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM data_manager_datakey) THEN
        RETURN NULL;
    END IF;
    IF (SELECT count(*) FROM (SELECT FROM gone LIMIT 1001) AS few) > 1000 THEN
        {_GONE};
        INSERT INTO data_manager_datachange (key_id)
        SELECT id FROM data_manager_datakey
        WHERE purpose = 'values' AND project_id IN (SELECT DISTINCT project_id FROM gone);
    ELSE
        WITH removed AS ({_GONE} RETURNING v.*, k.purpose)
        INSERT INTO data_manager_datachange (key_id, change, kind, number, value, task_id)
        SELECT key_id, -1, kind, coalesce(number, 0), coalesce(value, ''), task_id
        FROM removed WHERE purpose = 'values';
    END IF;
    {_GONE_TEXTS}
    RETURN NULL;
END
$$;
"""  # noqa: S608 - every part stands above
_AS_BEFORE = f"""
CREATE OR REPLACE FUNCTION index_new_tasks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {_MANY_NEW_TASKS}
    {_NEW_VALUES};
    {_NEW_MOMENTS_AND_TEXTS}
    RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION index_changed_task() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {_CHANGED_VALUES};
    {_CHANGED_MOMENTS_AND_TEXTS}
    RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION unindex_deleted_tasks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM data_manager_datakey) THEN
        RETURN NULL;
    END IF;
    {_GONE};
    {_GONE_TEXTS}
    RETURN NULL;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("data_manager", "0005_indexed_moments")]

    operations = [
        migrations.RunSQL(_TABLES, _DROP_TABLES),
        migrations.RunSQL(_NOTE_CHANGES, _AS_BEFORE),
    ]
