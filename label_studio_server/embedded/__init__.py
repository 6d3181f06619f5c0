"""A private PostgreSQL and Valkey for one data directory, and the supervisor that runs the product.

Nothing in here knows Django, and no app knows this package: it hands out `DATABASE_URL` and `REDIS_URL`.
"""
