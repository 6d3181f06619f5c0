"""Models in the loop: ML backends, what they predict, how they learn, and how good they are."""
