"""The settings of the test suite: the same engines, cheaper password hashes."""

import os
import tempfile

os.environ.setdefault("SECRET_KEY", "only-for-tests-never-used-by-a-server-0123456789")
# The test run sets these to servers of its own (tests/servers.py); static checks only need them to be readable.
os.environ.setdefault("DATABASE_URL", "postgresql:///not-started")
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:1/0")
os.environ.setdefault("LABEL_STUDIO_DIR", tempfile.mkdtemp(prefix="label-studio-test-"))

from label_studio_server.settings.base import *  # noqa: F403

# Lock-outs outlive a test's transaction in its client's eyes; the tests of lock-outs turn them on.
AXES_ENABLED = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["*"]
# Processes of pytest-xdist share one broker and must not see each other's messages.
CELERY_TASK_DEFAULT_QUEUE = f"celery-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
# Look static files up when they are asked for, instead of listing all of them for every test's client.
WHITENOISE_AUTOREFRESH = True
