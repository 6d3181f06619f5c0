"""The Celery application: `celery -A label_studio_server.celery worker`, set by Django's CELERY_*."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "label_studio_server.settings.base")

app = Celery("label_studio_server")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(related_name="jobs")
