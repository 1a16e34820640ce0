"""Meaning as vectors: encoder, index, ranking, training, evaluation. Knows no web, no database, no settings."""
