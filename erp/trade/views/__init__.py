"""Pages of trade."""
