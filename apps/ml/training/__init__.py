"""Trainings: what starts them, how they are followed, and what backends are told of completions meanwhile."""
