"""The addresses of pages, a module per paper."""
