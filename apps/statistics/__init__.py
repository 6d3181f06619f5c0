"""What the counts of a project show: its progress, its people, its labels and its models, over time."""
