"""The demonstration: two brands with life in every page. It stands on all apps, and none on it."""
