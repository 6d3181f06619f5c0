"""Django's admin with our site in place of its own."""

from __future__ import annotations

from django.contrib.admin.apps import AdminConfig


class AdminPanelConfig(AdminConfig):
    """Makes `admin.site` the panel of this product."""

    default_site = "apps.web.admin_site.AdminPanel"
