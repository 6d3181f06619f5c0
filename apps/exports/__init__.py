"""Taking labeled data out."""
