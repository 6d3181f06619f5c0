from django.db import migrations

from apps.core.foreign_keys import cascade_in_database


class Migration(migrations.Migration):
    # Not in the migration that makes the tables: it adds their foreign keys only at its end.
    dependencies = [("completions", "0004_revisions_and_drafts")]

    operations = [
        cascade_in_database("completions", "revision", "task"),
        cascade_in_database("completions", "draft", "task"),
        cascade_in_database("completions", "draft", "completion"),
    ]
