"""Django settings: `base` serves every installation, `test` only narrows it for the test suite."""
