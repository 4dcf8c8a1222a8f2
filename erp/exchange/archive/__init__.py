"""A brand's archive: everything it owns in one file, out of one installation and into an empty one."""
