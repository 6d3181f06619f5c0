"""Measures the product over HTTP, each figure beside bare psycopg2 doing the same on the same PostgreSQL."""
