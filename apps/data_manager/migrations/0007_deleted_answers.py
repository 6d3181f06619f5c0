from django.db import migrations

# A person's own tasks are also those where an answer of theirs was deleted. Few revisions are of that kind, and only
# those are written into the index.
_INDEX = """
CREATE INDEX revision_of_deleted_answer ON completions_revision (completed_by_id, task_id) WHERE action = 'deleted'
"""


class Migration(migrations.Migration):
    dependencies = [("data_manager", "0006_places"), ("completions", "0004_revisions_and_drafts")]

    operations = [migrations.RunSQL(_INDEX, "DROP INDEX revision_of_deleted_answer")]
