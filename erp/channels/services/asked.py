"""What every posting asks of its brand, and is nearly always no: each process remembers the answer for a moment."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

# Seconds. In another process nobody opens a first channel, sends a product there and changes it sooner; what a
# webhook misses in them, `catch_up_stock` tells.
ASK_AGAIN = 3.0


class Asked:
    """A yes or no of a brand. `forget` it where this process changed what it stands on."""

    def __init__(self, ask: Callable[[int], bool]) -> None:
        self.ask = ask
        self.known: dict[int, tuple[float, bool]] = {}

    def __call__(self, brand_id: int) -> bool:
        until, answer = self.known.get(brand_id, (0.0, False))
        if until < monotonic():
            answer = self.ask(brand_id)
            self.known[brand_id] = (monotonic() + ASK_AGAIN, answer)
        return answer

    def forget(self, brand_id: int) -> None:
        self.known.pop(brand_id, None)
