"""Benchmarks: the cost of the build as a ratio to a hand-written floor on the same files."""
