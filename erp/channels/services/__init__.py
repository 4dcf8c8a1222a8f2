"""Every write of the channels."""
