"""Exports, one asset a sync, in the group `exports`: the jobs of the build run them after it."""
