"""A region that was painted in the shipped editor, as it stores it, and the mask it had painted.

`python -m tests.exports.formats.painted` paints them anew.
"""
