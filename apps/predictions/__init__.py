"""Predictions: what models answer."""
