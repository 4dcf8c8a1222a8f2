"""Photo analysis over REST: how far it is, what it suggests, and what people make of it."""
