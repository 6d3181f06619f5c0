"""Tasks, leases, the next task, task pages."""
