"""The catalog in the admin."""

from catalog.admin import brands, changes, products, taxonomy

__all__ = ["brands", "changes", "products", "taxonomy"]
