"""Time, as what speaks to others sees it: tests hold the clock."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

FIRST, LONGEST = 1.0, 30.0


@dataclass(frozen=True, slots=True)
class Pace:
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random

    def backoff(self, attempt: int) -> float:
        """Seconds before the attempt after this one, counted from 0: twice as long each time, and never all at once."""
        return min(FIRST * 2**attempt, LONGEST) * (0.5 + self.jitter() / 2)
