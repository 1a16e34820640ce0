"""Demand against supply, the gain of a module that does not exist yet, and what people make of a module: pure."""
