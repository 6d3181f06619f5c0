from django.db import migrations

from apps.core.foreign_keys import cascade_in_database


class Migration(migrations.Migration):
    dependencies = [("completions", "0001_initial")]

    operations = [cascade_in_database("completions", "completion", "task")]
