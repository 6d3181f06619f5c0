"""One task: its page, its panels, and what is done there."""
