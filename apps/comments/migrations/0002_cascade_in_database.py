from django.db import migrations

from apps.core.foreign_keys import cascade_in_database


class Migration(migrations.Migration):
    # Not in the migration that makes the tables: it adds their foreign keys only at its end.
    dependencies = [("comments", "0001_initial")]

    operations = [
        cascade_in_database("comments", "comment", "task"),
        cascade_in_database("comments", "mention", "comment"),
    ]
