"""Signed webhooks, and messages for chat rooms."""
