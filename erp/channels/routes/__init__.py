"""Addresses of the pages, one module for each part."""
