"""Every write to the papers of trade."""
