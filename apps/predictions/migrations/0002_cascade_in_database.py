from django.db import migrations

from apps.core.foreign_keys import cascade_in_database


class Migration(migrations.Migration):
    dependencies = [("predictions", "0001_initial")]

    operations = [cascade_in_database("predictions", "prediction", "task")]
