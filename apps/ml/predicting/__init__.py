"""Predictions asked of ML backends: runs over many tasks, one task when it is opened, and what becomes of versions."""
