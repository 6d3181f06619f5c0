from django.db import migrations

# The keys under which result items hold labels and choices, as the registry of tags has them.
_KEYS = (
    "brushlabels", "choices", "ellipselabels", "htmllabels", "hypertextlabels", "keypointlabels", "labels",
    "paragraphlabels", "polygonlabels", "rectanglelabels", "taxonomy", "timeserieslabels",
)  # fmt: skip
_CONDITION = " || ".join(f'@.key == "{key}"' for key in _KEYS)

# Its cost is told to the planner, which would otherwise take it for the price of a comparison.
_FUNCTION = f"""
CREATE FUNCTION completion_labels(result jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
    SELECT ARRAY(
        SELECT DISTINCT jsonb_array_elements_text(jsonb_path_query_array(
            result, 'lax $[*].value.keyvalue() ? ({_CONDITION}).value.** ? (@.type() == "string")', '{{}}', true
        ))
    )
$$
"""
_INDEX = "CREATE INDEX completion_labels ON completions_completion USING gin (completion_labels(result))"


class Migration(migrations.Migration):
    dependencies = [("data_manager", "0001_initial"), ("completions", "0003_config_version_and_warnings")]

    operations = [
        migrations.RunSQL(_FUNCTION, "DROP FUNCTION completion_labels(jsonb)"),
        migrations.RunSQL(_INDEX, "DROP INDEX completion_labels"),
    ]
