"""Forms of the pages of channels."""
