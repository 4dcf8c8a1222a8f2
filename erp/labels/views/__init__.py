"""The pages of labels and of scanning."""
