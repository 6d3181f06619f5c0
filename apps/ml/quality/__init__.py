"""How well a model's predictions agree with what people answered.

A job reads the predictions of a version beside the newest completion of each task, adds each pair to one comparison a
control tag, and writes a `QualityReport`. The formulas are the field's own; tests hold them against scikit-learn and
pycocotools, which the server therefore does not need.
"""
