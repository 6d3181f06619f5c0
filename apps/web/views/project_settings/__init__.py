"""A project's settings, one module a page; apps/web/settings_pages.py has their common frame."""
