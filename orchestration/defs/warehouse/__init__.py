"""The build: land, transform, publish."""
