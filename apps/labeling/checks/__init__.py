"""The rules of a labeling config, one module a subject; `apps.labeling.validation` asks them all."""
