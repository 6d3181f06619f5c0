import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

# Values are cut where they stand in an index, whose entries Postgres bounds at 2,704 bytes.
_VALUES = """
CREATE FUNCTION data_text(data jsonb, key text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN key = '' THEN data::text
                WHEN position('.' IN key) = 0 THEN data ->> key
                ELSE coalesce(data #>> string_to_array(key, '.'), data ->> key) END
$$;
CREATE FUNCTION data_number(value text) RETURNS numeric LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN length(value) <= 256 AND pg_input_is_valid(value, 'numeric') THEN value::numeric END
$$;
CREATE TABLE data_manager_datavalue (
    key_id bigint NOT NULL,
    task_id bigint NOT NULL,
    kind smallint NOT NULL,
    number numeric,
    value text COLLATE "C",
    PRIMARY KEY (key_id, task_id)
);
CREATE INDEX data_value_order ON data_manager_datavalue (key_id, kind, number, value, task_id);
CREATE TABLE data_manager_datatext (
    key_id bigint NOT NULL,
    task_id bigint NOT NULL,
    value text,
    PRIMARY KEY (key_id, task_id)
);
"""
_DROP_VALUES = """
DROP TABLE data_manager_datatext;
DROP TABLE data_manager_datavalue;
DROP FUNCTION data_number(text);
DROP FUNCTION data_text(jsonb, text);
"""

# Not every server has the extension, nor lets everybody install it; without it searches in texts read all tasks.
_TRIGRAMS = """
DO $$
BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX data_text_trigrams ON data_manager_datatext USING gin (value gin_trgm_ops);
EXCEPTION WHEN OTHERS THEN
    RAISE NOTICE 'Searches in long texts stay slow: pg_trgm cannot be used here (%)', SQLERRM;
END
$$
"""

# An index that the database keeps, whoever writes tasks. Many new rows at once are not taken in, so that imports stay
# as fast as they are: their keys are marked, and a job takes the rows in when somebody needs them next.
_TRIGGERS = """
CREATE FUNCTION index_new_tasks() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE FUNCTION index_changed_task() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE FUNCTION unindex_deleted_tasks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM data_manager_datakey) THEN
        RETURN NULL;
    END IF;
    DELETE FROM data_manager_datavalue v USING gone t, data_manager_datakey k
    WHERE k.project_id = t.project_id AND v.key_id = k.id AND v.task_id = t.id;
    DELETE FROM data_manager_datatext v USING gone t, data_manager_datakey k
    WHERE k.project_id = t.project_id AND v.key_id = k.id AND v.task_id = t.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER index_new_tasks AFTER INSERT ON tasks_task REFERENCING NEW TABLE AS new_tasks
    FOR EACH STATEMENT EXECUTE FUNCTION index_new_tasks();
CREATE TRIGGER index_changed_task AFTER UPDATE OF data ON tasks_task
    FOR EACH ROW WHEN (OLD.data IS DISTINCT FROM NEW.data) EXECUTE FUNCTION index_changed_task();
CREATE TRIGGER unindex_deleted_tasks AFTER DELETE ON tasks_task REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION unindex_deleted_tasks();
"""
_DROP_TRIGGERS = """
DROP TRIGGER unindex_deleted_tasks ON tasks_task;
DROP TRIGGER index_changed_task ON tasks_task;
DROP TRIGGER index_new_tasks ON tasks_task;
DROP FUNCTION unindex_deleted_tasks();
DROP FUNCTION index_changed_task();
DROP FUNCTION index_new_tasks();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("data_manager", "0003_action_runs"),
        ("projects", "0007_instruction_is_markdown"),
        ("tasks", "0003_external_id_and_import"),
    ]

    operations = [
        migrations.CreateModel(
            name="DataKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        blank=True, help_text="Empty: the whole of the data, as text.", max_length=200
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[("values", "Order and comparisons"), ("texts", "Search in texts")],
                        max_length=6,
                    ),
                ),
                (
                    "marks",
                    models.IntegerField(
                        db_default=0,
                        default=0,
                        help_text="How many times rows came that the index did not take in at once.",
                    ),
                ),
                (
                    "built_marks",
                    models.IntegerField(null=True, help_text="`marks` when it was complete last."),
                ),
                (
                    "last_used_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="projects.project",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="datakey",
            constraint=models.UniqueConstraint(
                fields=("project", "key", "purpose"), name="one_index_per_key_and_purpose"
            ),
        ),
        migrations.RunSQL(_VALUES, _DROP_VALUES),
        migrations.RunSQL(_TRIGRAMS, migrations.RunSQL.noop),
        migrations.RunSQL(_TRIGGERS, _DROP_TRIGGERS),
    ]
