"""Projects, membership and roles, settings."""
