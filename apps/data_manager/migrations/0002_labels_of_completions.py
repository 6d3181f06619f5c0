from django.db import migrations

# The keys under which result items hold labels and choices, as the registry of tags has them.
_KEYS = (
    "brushlabels", "choices", "ellipselabels", "htmllabels", "hypertextlabels", "keypointlabels", "labels",
    "paragraphlabels", "polygonlabels", "rectanglelabels", "taxonomy", "timeserieslabels",
)  # fmt: skip
_DEPTHS = {"taxonomy": "[*][*]"}
_ANSWERS = " || ".join(
    f"jsonb_path_query_array(result, 'lax $[*].value.{key}{_DEPTHS.get(key, '[*]')}', '{{}}', true)"
    for key in _KEYS
)

# Every stored completion pays for it: one path a key costs less than a path that compares keys, and PL/pgSQL prepares
# the expression once a session, where a function in SQL would do so at each call. Its cost is told to the planner,
# which would otherwise take it for the price of a comparison.
_FUNCTION = f"""
CREATE FUNCTION completion_labels(result jsonb) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 500 AS $$
DECLARE
    answers jsonb := {_ANSWERS};
BEGIN
    RETURN ARRAY(SELECT jsonb_array_elements_text(answers));
END
$$
"""
_INDEX = "CREATE INDEX completion_labels ON completions_completion USING gin (completion_labels(result))"


class Migration(migrations.Migration):
    dependencies = [("data_manager", "0001_initial"), ("completions", "0003_config_version_and_warnings")]

    operations = [
        migrations.RunSQL(_FUNCTION, "DROP FUNCTION completion_labels(jsonb)"),
        migrations.RunSQL(_INDEX, "DROP INDEX completion_labels"),
    ]
