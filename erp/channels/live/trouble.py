"""What goes wrong when a marketplace is spoken to, by what follows from it. Each is words for a person."""

from __future__ import annotations


class Trouble(Exception):
    """The words are in the language of the moment it was raised in."""


class Passing(Trouble):
    """It may go by itself: no answer, half an answer, too many calls. `wait` is how long the other side asked for."""

    def __init__(self, words: str, *, wait: float = 0.0) -> None:
        super().__init__(words)
        self.wait = wait


class Refused(Trouble):
    """The marketplace looked at this one thing and said no: a person mends it."""


class LockedOut(Trouble):
    """Nothing can be sent until a person changes the connection: a key that does not open, a shop that is not there."""


class Lacking(LockedOut):
    """The key opens the shop, but lacks a right. What needs other rights may go all the same."""
