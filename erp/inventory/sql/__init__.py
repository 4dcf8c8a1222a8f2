"""The SQL of the ledger, one module a concern. Services call these; nothing else writes movements or balances."""
