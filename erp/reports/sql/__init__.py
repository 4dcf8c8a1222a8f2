"""The SQL of the reports: flows of pieces, summed up in advance or read from the movements, and their sums."""
