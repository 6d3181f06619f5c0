from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0006_show_completions_to_annotators"),
    ]

    operations = [
        migrations.AlterField(
            model_name="project",
            name="instruction",
            field=models.TextField(
                blank=True,
                help_text="What annotators read before they start: Markdown, in which HTML works as well.",
            ),
        ),
    ]
