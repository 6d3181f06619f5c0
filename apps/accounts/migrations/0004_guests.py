from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_avatar"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="is_guest",
            field=models.BooleanField(
                default=False,
                editable=False,
                help_text="Made for a browser that nobody signed in; may become an account.",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("is_guest", False), models.Q(("role", "administrator"), _negated=True), _connector="OR"
                ),
                name="user_guest_is_no_administrator",
            ),
        ),
    ]
