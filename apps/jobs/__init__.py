"""Background work with a record: every job is a row in Postgres first and a Celery message second."""
