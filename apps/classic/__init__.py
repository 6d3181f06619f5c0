"""The API of the Flask era: one project, the one that the caller works in."""
