"""When builds run by themselves, and for which day; whoever schedules asks here."""
