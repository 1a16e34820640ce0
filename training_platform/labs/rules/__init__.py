"""What the labs compute: synthetic data from a seed, and the figures of each setting."""
