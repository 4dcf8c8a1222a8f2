"""The catalog in the admin."""

from catalog.admin import brands, products, taxonomy

__all__ = ["brands", "products", "taxonomy"]
