from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("completions", "0002_cascade_in_database"),
    ]

    operations = [
        migrations.AddField(
            model_name="completion",
            name="config_version",
            field=models.IntegerField(
                db_default=1, default=1, help_text="The version of the labeling config it was made with."
            ),
        ),
        migrations.AddField(
            model_name="completion",
            name="warnings",
            field=models.JSONField(
                db_default=[],
                default=list,
                help_text="How the result does not fit that config; a sentence each.",
            ),
        ),
    ]
