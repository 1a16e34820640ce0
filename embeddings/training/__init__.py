"""Training of the shipped model: ``python -m embeddings.training``."""
