"""Reads of trade that are no queryset."""
