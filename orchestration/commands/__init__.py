"""The commands of `leads`, one module each."""
