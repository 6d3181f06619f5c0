from django.db import migrations, models

# One row for each label of a completion, cut as values are (migration 0004).
_TABLE = """
CREATE TABLE data_manager_datalabel (
    key_id bigint NOT NULL,
    label text COLLATE "C" NOT NULL,
    task_id bigint NOT NULL,
    completion_id bigint NOT NULL,
    PRIMARY KEY (key_id, label, task_id, completion_id)
);
CREATE INDEX data_key_of_labels ON data_manager_datakey (project_id) WHERE purpose = 'labels';
"""
_DROP_TABLE = """
DROP INDEX data_key_of_labels;
DROP TABLE data_manager_datalabel;
DELETE FROM data_manager_datakey WHERE purpose = 'labels';
"""

# As for the keys of the data: many new rows at once are taken in by a job, when somebody asks for them next.
_TRIGGERS = """
CREATE FUNCTION index_new_labels() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM data_manager_datakey WHERE purpose = 'labels') THEN
        RETURN NULL;
    END IF;
    IF (SELECT count(*) FROM (SELECT FROM added LIMIT 1001) AS few) > 1000 THEN
        UPDATE data_manager_datakey SET marks = marks + 1 WHERE id IN (
            SELECT id FROM data_manager_datakey
            WHERE purpose = 'labels' AND project_id IN (SELECT DISTINCT project_id FROM added)
            ORDER BY id FOR UPDATE
        );
        RETURN NULL;
    END IF;
    INSERT INTO data_manager_datalabel (key_id, label, task_id, completion_id)
    SELECT k.id, left(label, 256), c.task_id, c.id
    FROM added c JOIN data_manager_datakey k ON k.project_id = c.project_id AND k.purpose = 'labels',
         unnest(completion_labels(c.result)) AS label
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE FUNCTION index_changed_labels() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    index_id bigint;
BEGIN
    FOR index_id IN
        SELECT id FROM data_manager_datakey WHERE purpose = 'labels' AND project_id = NEW.project_id
    LOOP
        DELETE FROM data_manager_datalabel
        WHERE key_id = index_id AND task_id = OLD.task_id AND completion_id = OLD.id
          AND label = ANY (ARRAY(SELECT left(label, 256) FROM unnest(completion_labels(OLD.result)) AS label));
        INSERT INTO data_manager_datalabel (key_id, label, task_id, completion_id)
        SELECT index_id, left(label, 256), NEW.task_id, NEW.id
        FROM unnest(completion_labels(NEW.result)) AS label
        ON CONFLICT DO NOTHING;
    END LOOP;
    RETURN NULL;
END
$$;
CREATE FUNCTION unindex_labels() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM data_manager_datakey WHERE purpose = 'labels') THEN
        RETURN NULL;
    END IF;
    DELETE FROM data_manager_datalabel l USING (
        SELECT k.id AS key_id, left(label, 256) AS label, c.task_id, c.id
        FROM gone c JOIN data_manager_datakey k ON k.project_id = c.project_id AND k.purpose = 'labels',
             unnest(completion_labels(c.result)) AS label
    ) AS g
    WHERE l.key_id = g.key_id AND l.label = g.label AND l.task_id = g.task_id AND l.completion_id = g.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER index_new_labels AFTER INSERT ON completions_completion REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION index_new_labels();
CREATE TRIGGER index_changed_labels AFTER UPDATE OF result ON completions_completion
    FOR EACH ROW WHEN (OLD.result IS DISTINCT FROM NEW.result) EXECUTE FUNCTION index_changed_labels();
CREATE TRIGGER unindex_labels AFTER DELETE ON completions_completion REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION unindex_labels();
"""
_DROP_TRIGGERS = """
DROP TRIGGER unindex_labels ON completions_completion;
DROP TRIGGER index_changed_labels ON completions_completion;
DROP TRIGGER index_new_labels ON completions_completion;
DROP FUNCTION unindex_labels();
DROP FUNCTION index_changed_labels();
DROP FUNCTION index_new_labels();
"""


# The function of migration 0006; new tasks leave the index of labels as complete as it was.
def _new_tasks(marked):
    return f"""
CREATE OR REPLACE FUNCTION index_new_tasks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM data_manager_datakey) THEN
        RETURN NULL;
    END IF;
    IF (SELECT count(*) FROM (SELECT FROM new_tasks LIMIT 1001) AS few) > 1000 THEN
        UPDATE data_manager_datakey SET marks = marks + 1 WHERE id IN (
            SELECT id FROM data_manager_datakey
            WHERE {marked} project_id IN (SELECT DISTINCT project_id FROM new_tasks) ORDER BY id FOR UPDATE
        );
        RETURN NULL;
    END IF;
    WITH added AS (
        INSERT INTO data_manager_datavalue (key_id, task_id, kind, number, value)
        SELECT key_id, task_id,
               CASE WHEN number IS NOT NULL THEN 0 WHEN value IS NOT NULL THEN 1 ELSE 2 END, number, left(value, 256)
        FROM (SELECT key_id, task_id, value, data_number(value) AS number FROM (
                  SELECT k.id AS key_id, t.id AS task_id, data_text(t.data, k.key) AS value
                  FROM new_tasks t JOIN data_manager_datakey k ON k.project_id = t.project_id AND k.purpose = 'values'
                  OFFSET 0) read OFFSET 0) compared
        ON CONFLICT (key_id, task_id) DO NOTHING
        RETURNING key_id, kind, number, value, task_id
    )
    INSERT INTO data_manager_datachange (key_id, change, kind, number, value, task_id)
    SELECT key_id, 1, kind, coalesce(number, 0), coalesce(value, ''), task_id FROM added;
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
"""  # noqa: S608 - every part stands here


class Migration(migrations.Migration):
    dependencies = [
        ("data_manager", "0008_places_by_value"),
        ("completions", "0004_revisions_and_drafts"),
    ]

    operations = [
        migrations.AlterField(
            model_name="datakey",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("values", "Order and comparisons"),
                    ("texts", "Search in texts"),
                    ("times", "Comparisons with moments"),
                    ("labels", "Labels of completions"),
                ],
                max_length=6,
            ),
        ),
        migrations.RunSQL(_TABLE, _DROP_TABLE),
        migrations.RunSQL(_TRIGGERS, _DROP_TRIGGERS),
        migrations.RunSQL(_new_tasks("purpose <> 'labels' AND"), _new_tasks("")),
    ]
