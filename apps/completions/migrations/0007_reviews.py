import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("completions", "0006_own_tasks_from_an_index"),
        ("projects", "0008_handing_out"),
        ("tasks", "0004_assignments"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="completion",
            name="review",
            field=models.CharField(
                blank=True,
                choices=[("", "Not reviewed"), ("accepted", "Accepted"), ("rejected", "Rejected")],
                db_default="",
                default="",
                help_text="The verdict on what it says now; another answer has none.",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="completion",
            name="reviewed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="completion",
            name="reviewed_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="completion",
            name="last_action",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "Unknown"),
                    ("imported", "Imported"),
                    ("submitted", "Submitted"),
                    ("skipped", "Skipped"),
                    ("duplicated", "Duplicated"),
                    ("updated", "Updated"),
                    ("unskipped", "Skip taken back"),
                    ("ground_truth_set", "Marked as ground truth"),
                    ("ground_truth_unset", "No longer ground truth"),
                    ("accepted", "Accepted in a review"),
                    ("rejected", "Rejected in a review"),
                    ("review_withdrawn", "Review taken back"),
                    ("relabeled", "Names of the labeling config changed"),
                    ("handed_over", "Given to another person"),
                    ("restored", "Earlier version restored"),
                    ("deleted", "Deleted"),
                ],
                db_default="imported",
                default="imported",
                help_text="What made this version.",
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="revision",
            name="action",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "Unknown"),
                    ("imported", "Imported"),
                    ("submitted", "Submitted"),
                    ("skipped", "Skipped"),
                    ("duplicated", "Duplicated"),
                    ("updated", "Updated"),
                    ("unskipped", "Skip taken back"),
                    ("ground_truth_set", "Marked as ground truth"),
                    ("ground_truth_unset", "No longer ground truth"),
                    ("accepted", "Accepted in a review"),
                    ("rejected", "Rejected in a review"),
                    ("review_withdrawn", "Review taken back"),
                    ("relabeled", "Names of the labeling config changed"),
                    ("handed_over", "Given to another person"),
                    ("restored", "Earlier version restored"),
                    ("deleted", "Deleted"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddIndex(
            model_name="completion",
            index=models.Index(
                condition=models.Q(("review", ""), _negated=True),
                fields=["project", "review", "task"],
                name="completion_reviewed",
            ),
        ),
    ]
