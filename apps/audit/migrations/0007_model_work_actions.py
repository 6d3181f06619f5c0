from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0006_model_actions"),
    ]

    operations = [
        migrations.AlterField(
            model_name="entry",
            name="action",
            field=models.CharField(
                choices=[
                    ("user.created", "Account created"),
                    ("user.changed", "Account changed"),
                    ("user.deactivated", "Account deactivated"),
                    ("user.reactivated", "Account reactivated"),
                    ("user.erased", "Personal data erased"),
                    ("user.signed_in", "Signed in"),
                    ("user.sign_in_failed", "Sign-in failed"),
                    ("user.sessions_ended", "Other sessions signed out"),
                    ("user.password_changed", "Password changed"),
                    ("user.password_forgotten", "Password made useless"),
                    ("token.created", "API token created"),
                    ("token.revoked", "API token revoked"),
                    ("project.created", "Project created"),
                    ("project.changed", "Project settings changed"),
                    ("project.archived", "Project archived"),
                    ("project.unarchived", "Project brought back"),
                    ("project.handed_over", "Project handed over"),
                    ("project.deleted", "Project deleted"),
                    ("member.added", "Member added"),
                    ("member.changed", "Member's role changed"),
                    ("member.removed", "Member removed"),
                    ("invitation.created", "Invitation created"),
                    ("invitation.accepted", "Invitation accepted"),
                    ("invitation.revoked", "Invitation revoked"),
                    ("tasks.imported", "Tasks imported"),
                    ("tasks.deleted", "Tasks deleted"),
                    ("tasks.changed", "Tasks changed"),
                    ("completions.created", "Completions created from predictions"),
                    ("completions.deleted", "Completions deleted"),
                    ("predictions.deleted", "Predictions deleted"),
                    ("completions.handed_over", "Completions handed over"),
                    ("comment.deleted", "Comment deleted"),
                    ("project.exported", "Project exported"),
                    ("model.connected", "ML backend connected"),
                    ("model.changed", "ML backend changed"),
                    ("model.removed", "ML backend removed"),
                    ("model.training_started", "Training started"),
                    ("model.predictions_requested", "Predictions asked for"),
                    ("job.cancelled", "Job cancelled"),
                    ("job.retried", "Job retried"),
                ],
                max_length=32,
            ),
        ),
    ]
