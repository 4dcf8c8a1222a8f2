"""Dates and times as their readers write them, where Django's own formats do not."""
