"""A moment at which a project was put aside; nullable, so that no row is rewritten."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0002_invitations"),
    ]

    operations = [
        migrations.AddField(
            model_name="project",
            name="archived_at",
            field=models.DateTimeField(
                editable=False,
                help_text="Put aside since then: kept and readable, but nobody labels in it.",
                null=True,
            ),
        ),
    ]
