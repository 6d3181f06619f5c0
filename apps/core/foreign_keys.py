"""Foreign keys that Postgres itself cascades, for tables too large to be deleted row by row through Django."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython


def cascade_in_database(app_label: str, model_name: str, field_name: str) -> RunPython:
    """Return a migration operation that gives a foreign key `ON DELETE CASCADE` (Django 5.2 cannot declare it)."""

    def rebuild(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        model = apps.get_model(app_label, model_name)
        field = model._meta.get_field(field_name)
        target = field.related_model._meta.db_table
        table, quote = model._meta.db_table, schema_editor.quote_name
        for name in schema_editor._constraint_names(model, [field.column], foreign_key=True):  # type: ignore[attr-defined]
            schema_editor.execute(
                f"ALTER TABLE {quote(table)} DROP CONSTRAINT {quote(name)},"
                f" ADD CONSTRAINT {quote(name)} FOREIGN KEY ({quote(field.column)}) REFERENCES {quote(target)} (id)"
                " ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED"
            )

    return RunPython(rebuild, RunPython.noop)
