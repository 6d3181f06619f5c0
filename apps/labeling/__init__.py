"""The labeling config: parsing, validation, packaged templates. Pure Python, no tables."""
