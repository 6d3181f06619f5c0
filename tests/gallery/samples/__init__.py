"""The sample files of the gallery's tasks, drawn and computed here, so that nobody else has a right to them."""
