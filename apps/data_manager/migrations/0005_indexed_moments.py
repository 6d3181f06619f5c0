from django.db import migrations, models

# A moment that a text is, in the time zone in which searches read it: fixed (kind 0, as seconds since 1970), one that
# depends on when it is asked ("today", kind 1), or none (kind 2).
_MOMENTS = """
CREATE FUNCTION data_moment(value text, OUT kind smallint, OUT number numeric)
LANGUAGE plpgsql STABLE PARALLEL SAFE SET timezone = 'UTC' AS $$
BEGIN
    IF value IS NULL OR NOT pg_input_is_valid(value, 'timestamptz') THEN
        kind := 2;
    ELSIF value ~* '(now|today|tomorrow|yesterday)' THEN
        kind := 1;
    ELSE
        kind := 0;
        number := extract(epoch FROM value::timestamptz);
    END IF;
END
$$;
"""

# The functions of migration 0004, which now keep the indexes of moments as well.
_KEEP_MOMENTS = """
CREATE OR REPLACE FUNCTION index_new_tasks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
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
    INSERT INTO data_manager_datavalue (key_id, task_id, kind, number, value)
    SELECT key_id, task_id, CASE WHEN number IS NOT NULL THEN 0 WHEN value IS NOT NULL THEN 1 ELSE 2 END, number,
           left(value, 256)
    FROM (SELECT key_id, task_id, value, data_number(value) AS number FROM (
              SELECT k.id AS key_id, t.id AS task_id, data_text(t.data, k.key) AS value
              FROM new_tasks t JOIN data_manager_datakey k ON k.project_id = t.project_id AND k.purpose = 'values'
              OFFSET 0) read OFFSET 0) compared
    ON CONFLICT (key_id, task_id) DO NOTHING;
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
    RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION index_changed_task() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO data_manager_datavalue (key_id, task_id, kind, number, value)
    SELECT key_id, NEW.id, CASE WHEN number IS NOT NULL THEN 0 WHEN value IS NOT NULL THEN 1 ELSE 2 END, number,
           left(value, 256)
    FROM (SELECT key_id, value, data_number(value) AS number FROM (
              SELECT k.id AS key_id, data_text(NEW.data, k.key) AS value FROM data_manager_datakey k
              WHERE k.project_id = NEW.project_id AND k.purpose = 'values' OFFSET 0) read OFFSET 0) compared
    ON CONFLICT (key_id, task_id) DO UPDATE SET kind = excluded.kind, number = excluded.number, value = excluded.value;
    INSERT INTO data_manager_datavalue (key_id, task_id, kind, number)
    SELECT key_id, NEW.id, moment.kind, moment.number
    FROM (SELECT k.id AS key_id, data_text(NEW.data, k.key) AS value FROM data_manager_datakey k
          WHERE k.project_id = NEW.project_id AND k.purpose = 'times' OFFSET 0) read, data_moment(value) AS moment
    ON CONFLICT (key_id, task_id) DO UPDATE SET kind = excluded.kind, number = excluded.number;
    INSERT INTO data_manager_datatext (key_id, task_id, value)
    SELECT k.id, NEW.id, data_text(NEW.data, k.key)
    FROM data_manager_datakey k WHERE k.project_id = NEW.project_id AND k.purpose = 'texts'
    ON CONFLICT (key_id, task_id) DO UPDATE SET value = excluded.value;
    RETURN NULL;
END
$$;
"""
_AS_BEFORE = """
CREATE OR REPLACE FUNCTION index_new_tasks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
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
    INSERT INTO data_manager_datavalue (key_id, task_id, kind, number, value)
    SELECT key_id, task_id, CASE WHEN number IS NOT NULL THEN 0 WHEN value IS NOT NULL THEN 1 ELSE 2 END, number,
           left(value, 256)
    FROM (SELECT key_id, task_id, value, data_number(value) AS number FROM (
              SELECT k.id AS key_id, t.id AS task_id, data_text(t.data, k.key) AS value
              FROM new_tasks t JOIN data_manager_datakey k ON k.project_id = t.project_id AND k.purpose = 'values'
              OFFSET 0) read OFFSET 0) compared
    ON CONFLICT (key_id, task_id) DO NOTHING;
    INSERT INTO data_manager_datatext (key_id, task_id, value)
    SELECT k.id, t.id, data_text(t.data, k.key)
    FROM new_tasks t JOIN data_manager_datakey k ON k.project_id = t.project_id AND k.purpose = 'texts'
    ON CONFLICT (key_id, task_id) DO NOTHING;
    RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION index_changed_task() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO data_manager_datavalue (key_id, task_id, kind, number, value)
    SELECT key_id, NEW.id, CASE WHEN number IS NOT NULL THEN 0 WHEN value IS NOT NULL THEN 1 ELSE 2 END, number,
           left(value, 256)
    FROM (SELECT key_id, value, data_number(value) AS number FROM (
              SELECT k.id AS key_id, data_text(NEW.data, k.key) AS value FROM data_manager_datakey k
              WHERE k.project_id = NEW.project_id AND k.purpose = 'values' OFFSET 0) read OFFSET 0) compared
    ON CONFLICT (key_id, task_id) DO UPDATE SET kind = excluded.kind, number = excluded.number, value = excluded.value;
    INSERT INTO data_manager_datatext (key_id, task_id, value)
    SELECT k.id, NEW.id, data_text(NEW.data, k.key)
    FROM data_manager_datakey k WHERE k.project_id = NEW.project_id AND k.purpose = 'texts'
    ON CONFLICT (key_id, task_id) DO UPDATE SET value = excluded.value;
    RETURN NULL;
END
$$;
DROP FUNCTION data_moment(text);
DELETE FROM data_manager_datakey WHERE purpose = 'times';
"""


class Migration(migrations.Migration):
    dependencies = [("data_manager", "0004_indexed_data_keys")]

    operations = [
        migrations.AlterField(
            model_name="datakey",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("values", "Order and comparisons"),
                    ("texts", "Search in texts"),
                    ("times", "Comparisons with moments"),
                ],
                max_length=6,
            ),
        ),
        migrations.RunSQL(_MOMENTS, migrations.RunSQL.noop),
        migrations.RunSQL(_KEEP_MOMENTS, _AS_BEFORE),
    ]
