"""A storm of operations against a ledger in plain Python: what it says is what the database says, always."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from erp.core.errors import DomainError
from erp.inventory import services
from erp.inventory.models import Balance, Posting, StockMovement
from erp.inventory.services import Line
from erp.inventory.verify import verify_ledger
from tests.inventory.conftest import Shop, make_shop

VARIANTS = st.integers(0, 2)
PLACES = st.integers(0, 2)
QUANTITIES = st.dictionaries(VARIANTS, st.integers(1, 6), min_size=1, max_size=3)
DELTAS = st.dictionaries(VARIANTS, st.integers(-4, 4).filter(bool), min_size=1, max_size=3)
CHAINS = st.lists(st.tuples(VARIANTS, st.integers(1, 4), PLACES, PLACES), min_size=1, max_size=5)
OUTSIDE = -1

# (variant, quantity, from, to), places by number, -1 for anywhere outside
Move = tuple[int, int, int, int]


class Ledger(RuleBasedStateMachine):
    """`stock` is the model: pieces by (variant, place). A posting is kept with its moves until it is reversed."""

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.shop: Shop = make_shop()
        self.places = [self.shop.main, self.shop.shop, self.shop.virtual("defective")]
        self.stock: Counter[tuple[int, int]] = Counter()
        self.made: list[tuple[Posting, list[Move]]] = []
        self.movements = 0
        self.last: Any = None

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    def play(self, moves: list[Move], operation: Any, **arguments: Any) -> None:
        """Runs an operation, and expects of it what the model says of its moves."""
        after = self.after(moves)
        arguments |= self.shop.heading()
        try:
            posting = operation(**arguments)
        except DomainError as error:
            if error.code != "insufficient_stock" or after is not None:
                raise  # the model had enough
            return
        assert after is not None, "the model had too little"
        self.stock = after
        self.movements += len(moves)
        if posting.kind != "reversal":  # which is not reversed itself
            self.made.append((posting, moves))
        self.last = operation, arguments, posting

    def after(self, moves: list[Move]) -> Counter[tuple[int, int]] | None:
        """The stock after arrivals, transfers and departures in turn; None where a piece is missing."""
        stock = self.stock.copy()
        for variant, quantity, source, destination in sorted(moves, key=lambda m: (m[2] >= 0) * 2 - (m[3] >= 0)):
            if source != OUTSIDE:
                stock[variant, source] -= quantity
                if stock[variant, source] < 0:
                    return None
            if destination != OUTSIDE:
                stock[variant, destination] += quantity
        return stock

    def by_pk(self, numbers: dict[int, int]) -> dict[int, int]:
        return {self.shop.shirts[number].pk: quantity for number, quantity in numbers.items()}

    def at(self, place: int) -> dict[str, Any]:
        return {"brand": self.shop.brand, "location": self.places[place]}

    @initialize(quantities=QUANTITIES)
    def begin(self, quantities: dict[int, int]) -> None:
        self.receive(quantities, 0)

    @rule(quantities=QUANTITIES, place=PLACES)
    def receive(self, quantities: dict[int, int], place: int) -> None:
        moves = [(variant, quantity, OUTSIDE, place) for variant, quantity in quantities.items()]
        self.play(moves, services.receive, **self.at(place), quantities=self.by_pk(quantities))

    @rule(quantities=QUANTITIES, place=PLACES)
    def ship(self, quantities: dict[int, int], place: int) -> None:
        moves = [(variant, quantity, place, OUTSIDE) for variant, quantity in quantities.items()]
        self.play(moves, services.ship, **self.at(place), quantities=self.by_pk(quantities))

    @rule(quantities=QUANTITIES, places=st.permutations(range(3)))
    def transfer(self, quantities: dict[int, int], places: list[int]) -> None:
        source, destination = places[:2]
        moves = [(variant, quantity, source, destination) for variant, quantity in quantities.items()]
        self.play(
            moves, services.transfer, brand=self.shop.brand, source=self.places[source],
            destination=self.places[destination], quantities=self.by_pk(quantities),
        )  # fmt: skip

    @rule(deltas=DELTAS, place=PLACES)
    def adjust(self, deltas: dict[int, int], place: int) -> None:
        moves = [
            (variant, abs(delta), OUTSIDE, place) if delta > 0 else (variant, abs(delta), place, OUTSIDE)
            for variant, delta in deltas.items()
        ]
        self.play(moves, services.adjust, **self.at(place), deltas=self.by_pk(deltas))

    @rule(chain=CHAINS)
    def post_anything(self, chain: list[Move]) -> None:
        """Lines that touch the same balances again and again; a place is the outside where both ends are the same."""
        moves = [(v, q, OUTSIDE if source == end == 0 else source, OUTSIDE if source == end else end)
                 for v, q, source, end in chain]  # fmt: skip
        moves = [move for move in moves if move[2] != move[3]]
        if not moves:
            return
        outside = self.shop.virtual("supplier").pk
        ids = [*(place.pk for place in self.places), outside]
        lines = [Line(self.shop.shirts[v].pk, q, ids[source], ids[end]) for v, q, source, end in moves]
        self.play(moves, services.post_movements, brand=self.shop.brand, kind="transfer", lines=lines)

    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        if not self.made:
            return
        posting, moves = self.made.pop(data.draw(st.integers(0, len(self.made) - 1)))
        back = [(variant, quantity, end, source) for variant, quantity, source, end in reversed(self.written(moves))]
        self.play(back, services.reverse_posting, posting=posting)

    @rule(data=st.data())
    def reverse_one(self, data: st.DataObject) -> None:
        if not self.made:
            return
        posting, moves = self.made.pop(data.draw(st.integers(0, len(self.made) - 1)))
        number = data.draw(st.integers(0, len(moves) - 1))
        variant, quantity, source, end = self.written(moves)[number]
        self.play(
            [(variant, quantity, end, source)],
            services.reverse_movement,
            movement=posting.movements.order_by("pk")[number],
        )

    def written(self, moves: list[Move]) -> list[Move]:
        return sorted(moves, key=lambda m: (m[2] >= 0) * 2 - (m[3] >= 0))

    @rule()
    def retry(self) -> None:
        """The answer was lost on the way: the same request again."""
        if self.last:
            operation, arguments, posting = self.last
            again = operation(**arguments)
            assert (again.pk, again.replayed) == (posting.pk, True)

    @invariant()
    def the_database_says_the_same(self) -> None:
        shirts = {shirt.pk: n for n, shirt in enumerate(self.shop.shirts)}
        places = {place.pk: n for n, place in enumerate(self.places)}
        rows = Balance.objects.of(self.shop.brand).values_list("variant_id", "location_id", "on_hand")
        stock = {(shirts[variant], places[place]): on_hand for variant, place, on_hand in rows if on_hand}
        assert stock == {spot: pieces for spot, pieces in self.stock.items() if pieces}

    @invariant()
    def the_books_agree(self) -> None:
        assert verify_ledger(self.shop.brand) == []
        movements = StockMovement.objects.of(self.shop.brand)
        assert movements.count() == self.movements

    @invariant()
    def nothing_comes_from_nowhere(self) -> None:
        """What is on hand and what the virtual locations gave and took sum to zero, variant by variant."""
        movements = StockMovement.objects.of(self.shop.brand).order_by()
        ours = Balance.objects.of(self.shop.brand).values_list("variant").annotate(Sum("on_hand"))
        taken = movements.filter(destination__is_internal=False).values_list("variant").annotate(Sum("quantity"))
        given = movements.filter(source__is_internal=False).values_list("variant").annotate(Sum("quantity"))
        assert Counter(dict(ours)) + Counter(dict(taken)) == Counter(dict(given))


@pytest.mark.django_db
def test_storm() -> None:
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=15, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
