"""What pages do, by subject."""
