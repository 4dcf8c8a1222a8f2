"""What lists of papers are narrowed by."""
