"""Estimation of levels from evidence: pure."""
