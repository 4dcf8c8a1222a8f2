"""The page for whoever looks after the photo models: how often they are right, what changes, and which one answers."""
