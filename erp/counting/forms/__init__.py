"""The forms of counting."""
