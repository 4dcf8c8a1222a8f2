"""The catalog over REST: brands, taxonomy, products, variants and photos."""
