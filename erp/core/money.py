"""Facts about currencies."""

SYMBOLS = {"KRW": "₩", "USD": "$", "JPY": "¥", "EUR": "€", "CNY": "CN¥"}
NO_MINOR_UNIT = frozenset({"KRW", "JPY"})


def decimals_of(currency: str) -> int:
    """How many digits of a price follow the point: none for won and yen."""
    return 0 if currency in NO_MINOR_UNIT else 2
