"""How good the paths are: ``python -m training_platform.recommendations.quality`` measures, README.md explains."""
