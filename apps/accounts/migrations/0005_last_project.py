"""The project a person opened last; nullable, so that no row is rewritten."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_guests"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="last_project_id",
            field=models.BigIntegerField(
                editable=False,
                help_text="The project opened last; no foreign key, since this room knows no projects.",
                null=True,
            ),
        ),
    ]
