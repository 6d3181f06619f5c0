"""How well a model's predictions agree with what people answered.

A job reads the predictions of a version beside the newest completion of each task, adds each pair to one comparison a
control tag (`apps.labeling.agreement`), and writes a `QualityReport`.
"""
