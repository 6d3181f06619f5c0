"""Models over REST."""
