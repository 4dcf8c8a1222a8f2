"""The wire: marketplaces that are spoken to directly. Nothing here knows the database but `resolving`'s facts."""
