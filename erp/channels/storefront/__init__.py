"""The public shop window of a brand: what Shakalaka shows overseas customers. Read-only, without a log-in, cached."""
