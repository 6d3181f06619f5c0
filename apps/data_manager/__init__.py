"""Tasks with everything on them: pages of tasks, one task with its answers, and the stream people label from."""
