"""Snapshots for BI: built beside the served one, checked, swapped, kept and restored."""
