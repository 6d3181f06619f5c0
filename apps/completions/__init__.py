"""Completions: one person's answers to tasks."""
