"""Telling people when the state of the builds changes, and only then."""
