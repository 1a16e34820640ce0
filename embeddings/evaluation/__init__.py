"""Measured quality of matching: ``python -m embeddings.evaluation``."""
