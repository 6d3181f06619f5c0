"""How well two answers to the same task agree, by kind of control; pure.

Models are held against people with it, and people against each other. The formulas are the field's own; tests hold them
against scikit-learn and pycocotools, which the server therefore does not need.
"""
