"""The pages of the stock ledger."""
