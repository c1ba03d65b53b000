"""What starts builds by itself: two schedules and a sensor."""
