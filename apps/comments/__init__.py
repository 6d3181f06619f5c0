"""Comments on tasks and completions, and the people they mention."""
