"""Bringing tasks in."""
