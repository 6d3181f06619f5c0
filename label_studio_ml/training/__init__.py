"""Training: a queue in the state file, a dispatcher in each server process, a process of its own for each training."""
