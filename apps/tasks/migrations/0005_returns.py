from django.db import migrations

# What comes to a project's queue, or comes back to it: tasks from this number on, by which transaction. For each of
# many rows of one transaction a note would say nothing new: their numbers mostly rise.
_NOTES = """
CREATE TABLE tasks_return (
    project_id bigint NOT NULL,
    written_by xid8 NOT NULL DEFAULT pg_current_xact_id(),
    inner_id bigint NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX return_of_project ON tasks_return (project_id, written_by, inner_id);
CREATE FUNCTION note_new_tasks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tasks_return (project_id, inner_id)
    SELECT project_id, min(inner_id) FROM new_tasks GROUP BY project_id;
    RETURN NULL;
END
$$;
CREATE FUNCTION note_returned_task() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM tasks_return
        WHERE project_id = NEW.project_id AND written_by = pg_current_xact_id() AND inner_id <= NEW.inner_id
    ) THEN
        INSERT INTO tasks_return (project_id, inner_id) VALUES (NEW.project_id, NEW.inner_id);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER note_new_tasks AFTER INSERT ON tasks_task REFERENCING NEW TABLE AS new_tasks
    FOR EACH STATEMENT EXECUTE FUNCTION note_new_tasks();
CREATE TRIGGER note_returned_task AFTER UPDATE ON tasks_task FOR EACH ROW
    WHEN ((OLD.is_labeled AND NOT NEW.is_labeled) OR NEW.completions_count < OLD.completions_count
          OR NEW.skips_count < OLD.skips_count)
    EXECUTE FUNCTION note_returned_task();
"""
_FORGET = """
DROP TRIGGER note_returned_task ON tasks_task;
DROP TRIGGER note_new_tasks ON tasks_task;
DROP FUNCTION note_returned_task();
DROP FUNCTION note_new_tasks();
DROP TABLE tasks_return;
"""


class Migration(migrations.Migration):
    dependencies = [("tasks", "0004_assignments")]

    operations = [migrations.RunSQL(_NOTES, _FORGET)]
