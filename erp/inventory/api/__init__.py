"""The ledger over REST: locations, balances, movements, postings and histories."""
