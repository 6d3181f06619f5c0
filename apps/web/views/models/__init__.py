"""Models of a project: their backends, predictions, trainings, versions and quality."""
