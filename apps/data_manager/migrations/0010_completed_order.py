from django.db import migrations

# A task's entry moves when it becomes labeled, or is to label again; that writes its entries in other indexes anyway.
# What is not completed stands at the end, by its id: new tasks are written one behind the other.
_INDEX = "CREATE INDEX task_completed ON tasks_task (project_id, completed_at, id)"


class Migration(migrations.Migration):
    dependencies = [("data_manager", "0009_labels"), ("tasks", "0005_returns")]

    operations = [migrations.RunSQL(_INDEX, "DROP INDEX task_completed")]
