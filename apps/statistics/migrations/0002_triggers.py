from django.db import migrations

# Beginnings of quarters of an hour: days of every time zone begin with one.
_QUARTER = "date_bin('15 minutes', {}, '2000-01-01 00:00:00+00')"
_ADDED = _QUARTER.format("created_at")
_LABELED = _QUARTER.format("coalesce(completed_at, created_at)")
_SPAN = """
CASE WHEN score IS NULL THEN -2 WHEN score < 0 THEN -1 WHEN score > 1 THEN 20
     ELSE least(floor(score * 20), 19) END
"""

# One function for each of the three kinds of statements: the rows that it changed are always called `changed`.
_COMPLETIONS = """
CREATE FUNCTION statistics_note_completions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO statistics_changedblock (project_id, block)
    SELECT DISTINCT project_id, id >> 10 FROM changed;
    RETURN NULL;
END $$;
"""

# Many tasks at once: added with +1 (some are labeled already), gone with -1.
_TASKS = f"""
CREATE FUNCTION statistics_count_tasks() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    sign integer := CASE TG_OP WHEN 'DELETE' THEN -1 ELSE 1 END;
BEGIN
    INSERT INTO statistics_taskcount (project_id, quarter, added, labeled)
    SELECT project_id, {_ADDED}, sign * count(*), 0 FROM changed GROUP BY 1, 2
    UNION ALL
    SELECT project_id, {_LABELED}, 0, sign * count(*) FROM changed WHERE is_labeled GROUP BY 1, 2;
    RETURN NULL;
END $$;
"""  # noqa: S608 - the parts stand above

# One task, only when it becomes labeled or is to label again: most updates of tasks do not get here.
_TASK = f"""
CREATE FUNCTION statistics_count_labeled_task() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.is_labeled THEN
        INSERT INTO statistics_taskcount (project_id, quarter, added, labeled)
        VALUES (OLD.project_id, {_QUARTER.format("coalesce(OLD.completed_at, OLD.created_at)")}, 0, -1);
    END IF;
    IF NEW.is_labeled THEN
        INSERT INTO statistics_taskcount (project_id, quarter, added, labeled)
        VALUES (NEW.project_id, {_QUARTER.format("coalesce(NEW.completed_at, NEW.created_at)")}, 0, 1);
    END IF;
    RETURN NULL;
END $$;
"""  # noqa: S608 - the parts stand above

_PREDICTIONS = f"""
CREATE FUNCTION statistics_count_predictions() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    sign integer := CASE TG_OP WHEN 'DELETE' THEN -1 ELSE 1 END;
BEGIN
    INSERT INTO statistics_scorecount (project_id, model_version, span, predictions)
    SELECT project_id, model_version, {_SPAN}, sign * count(*) FROM changed GROUP BY 1, 2, 3;
    RETURN NULL;
END $$;
CREATE FUNCTION statistics_recount_predictions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO statistics_scorecount (project_id, model_version, span, predictions)
    SELECT project_id, model_version, {_SPAN}, sum(sign)
    FROM (SELECT project_id, model_version, score, 1 AS sign FROM changed
          UNION ALL SELECT project_id, model_version, score, -1 FROM former) AS difference
    GROUP BY 1, 2, 3 HAVING sum(sign) <> 0;
    RETURN NULL;
END $$;
"""  # noqa: S608 - the parts stand above


def _statement_trigger(event, table, function, rows):
    return (
        f"CREATE TRIGGER statistics_{event.lower()} AFTER {event} ON {table} REFERENCING {rows}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {function}();"
    )


_TRIGGERS = "\n".join(
    [
        _statement_trigger(event, table, function, rows)
        for event, table, function, rows in (
            ("INSERT", "completions_completion", "statistics_note_completions", "NEW TABLE AS changed"),
            ("UPDATE", "completions_completion", "statistics_note_completions", "OLD TABLE AS changed"),
            ("DELETE", "completions_completion", "statistics_note_completions", "OLD TABLE AS changed"),
            ("INSERT", "tasks_task", "statistics_count_tasks", "NEW TABLE AS changed"),
            ("DELETE", "tasks_task", "statistics_count_tasks", "OLD TABLE AS changed"),
            ("INSERT", "predictions_prediction", "statistics_count_predictions", "NEW TABLE AS changed"),
            ("DELETE", "predictions_prediction", "statistics_count_predictions", "OLD TABLE AS changed"),
            (
                "UPDATE",
                "predictions_prediction",
                "statistics_recount_predictions",
                "OLD TABLE AS former NEW TABLE AS changed",
            ),
        )
    ]
    + [
        "CREATE TRIGGER statistics_update AFTER UPDATE ON tasks_task FOR EACH ROW"
        " WHEN ((OLD.is_labeled, OLD.completed_at) IS DISTINCT FROM (NEW.is_labeled, NEW.completed_at))"
        " EXECUTE FUNCTION statistics_count_labeled_task();"
    ]
)

# What is there already is counted by a job: a million rows would hold up the upgrade.
_COUNT_WHAT_IS_THERE = "INSERT INTO statistics_changedblock (project_id) SELECT id FROM projects_project"

_DROP = """
DROP TRIGGER statistics_insert ON completions_completion;
DROP TRIGGER statistics_update ON completions_completion;
DROP TRIGGER statistics_delete ON completions_completion;
DROP TRIGGER statistics_insert ON tasks_task;
DROP TRIGGER statistics_update ON tasks_task;
DROP TRIGGER statistics_delete ON tasks_task;
DROP TRIGGER statistics_insert ON predictions_prediction;
DROP TRIGGER statistics_update ON predictions_prediction;
DROP TRIGGER statistics_delete ON predictions_prediction;
DROP FUNCTION statistics_note_completions();
DROP FUNCTION statistics_count_tasks();
DROP FUNCTION statistics_count_labeled_task();
DROP FUNCTION statistics_count_predictions();
DROP FUNCTION statistics_recount_predictions();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("statistics", "0001_initial"),
        ("projects", "0001_initial"),
        ("tasks", "0001_initial"),
        ("completions", "0001_initial"),
        ("predictions", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(_COMPLETIONS + _TASKS + _TASK + _PREDICTIONS + _TRIGGERS, _DROP),
        migrations.RunSQL(_COUNT_WHAT_IS_THERE, migrations.RunSQL.noop),
    ]
