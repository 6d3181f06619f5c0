"""Background work of models; `apps.jobs` finds the kinds by importing this package."""
