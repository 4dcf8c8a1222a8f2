"""A 5,000-line count: counted, reviewed and posted, with every line that moved named at once; on SQLite and PostgreSQL.

Everything goes through the services of the pages and the API. Every line differs from the book, which is the most that
a count can have to post.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

from bench.databases import on_each_database
from bench.shops import Shop, make_shop

LINES = 5_000
AIM = 3.0


def run() -> None:
    on_each_database("bench.counts", measure)


def measure() -> None:
    from erp.core.errors import DomainError
    from erp.counting import services
    from erp.counting.review import review_of
    from erp.inventory.services import receive
    from erp.inventory.verify import verify_ledger

    shop = make_shop(products=LINES // 50, variants_each=50)
    where = people_and_place(shop)

    def stock(pieces: int) -> None:
        receive(quantities=dict.fromkeys(shop.variant_ids, pieces), idempotency_key=f"stock {pieces}", **where)

    stock(7)
    count = report("started", lambda: services.create_count(scope="full", **where))
    entries = [services.Entry(pk, 6, "set") for pk in shop.variant_ids]
    common: dict[str, Any] = {"count": count, "actor": where["actor"]}
    report("counted, in one request", lambda: services.add_entries(entries=entries, **common))
    report("review begun", lambda: services.start_review(count=count))
    report("review looked at", lambda: review_of(count))
    stock(2)

    def post(**more: Any) -> None:
        services.post_count(idempotency_key="bench", revision=1, **common, **more)

    def refused() -> int:
        try:
            post()
        except DomainError as error:
            return len(error.problems)
        return 0

    named = report("refused: each line moved meanwhile", refused)
    report(f"posted (aim: {AIM:.0f} s)", lambda: post(carry_all=True))
    assert named == LINES and verify_ledger() == []
    print(f"  {named:,} lines were named in the refusal; verify_ledger: clean", flush=True)


def people_and_place(shop: Shop) -> dict[str, Any]:
    from catalog.models import Brand
    from erp.core.models import User
    from erp.inventory.models import Location

    return {
        "brand": Brand.objects.get(pk=shop.brand_id),
        "location": Location.objects.get(pk=shop.location_id),
        "actor": User.objects.get(pk=shop.actor_id),
    }


def report(name: str, action: Callable[[], Any]) -> Any:
    begin = perf_counter()
    answer = action()
    print(f"  {f'{LINES:,} lines {name}':48} {perf_counter() - begin:>6.2f} s", flush=True)
    return answer


if __name__ == "__main__":
    run()
