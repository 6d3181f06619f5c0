from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0004_config_versions"),
    ]

    operations = [
        migrations.AddField(
            model_name="project",
            name="show_completions_to_annotators",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Annotators see what others answered; otherwise they see only their own completions.",
            ),
        ),
    ]
