"""A day of a shop, told by the generated Python client: run with the folder of `jangbu_client` on the path.

Speaks to the server of the first argument, about the brand of the second as its person of the third, and prints what
it saw as JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from jangbu_client import AuthenticatedClient, Client
from jangbu_client.api.auth import login
from jangbu_client.api.balances import balances_list
from jangbu_client.api.movements import movements_create
from jangbu_client.api.products import products_activate, products_create, products_list, products_variants_update
from jangbu_client.models import (
    Balance,
    ColourEntryRequest,
    EnteredKind,
    Error,
    GridRequest,
    LineEntryRequest,
    LoginRequest,
    NewProductRequest,
    PaginatedBalanceList,
    PaginatedProductList,
    PaginatedVariantList,
    Posting,
    PostingEntryRequest,
    Product,
    ProductStatus,
    Token,
    Variant,
)
from jangbu_client.types import UNSET, Response


def log_in(server: str, username: str, password: str) -> AuthenticatedClient:
    answer = login.sync(client=Client(server), body=LoginRequest(username=username, password=password))
    assert isinstance(answer, Token), answer
    return AuthenticatedClient(server, token=answer.token, prefix="Token", raise_on_unexpected_status=True)


def all_products(client: AuthenticatedClient, brand: str) -> Iterator[Product]:
    """Two a page, however many there are."""
    cursor = UNSET
    while True:
        page = products_list.sync(client=client, brand=brand, status=ProductStatus.ACTIVE, page_size=2, cursor=cursor)
        assert isinstance(page, PaginatedProductList), page
        assert len(page.results) <= 2
        yield from page.results
        if page.next_ is None:
            return
        [cursor] = parse_qs(urlsplit(page.next_).query)["cursor"]


def list_shirt(client: AuthenticatedClient, brand: str) -> tuple[Product, list[Variant]]:
    entry = NewProductRequest(
        brand=brand,
        name_ko="파이썬 셔츠",
        category="shirt",
        price="39000",
        colours=[ColourEntryRequest(colour="navy", hex_="#1e2744"), ColourEntryRequest(colour="white")],
    )
    product = products_create.sync(client=client, body=entry)
    assert isinstance(product, Product), product
    grid = GridRequest(colours=["navy", "white"], size_run="alpha", sizes=["S", "M"])
    made = products_variants_update.sync(product.id, client=client, body=grid)
    assert isinstance(made, PaginatedVariantList), made
    active = products_activate.sync(product.id, client=client)
    assert isinstance(active, Product), active
    return active, made.results


def move(
    client: AuthenticatedClient, brand: str, kind: EnteredKind, line: LineEntryRequest, key: str
) -> Response[Error | Posting]:
    body = PostingEntryRequest(brand=brand, kind=kind, lines=[line])
    return movements_create.sync_detailed(client=client, body=body, idempotency_key=key)


def balance_of(client: AuthenticatedClient, variant: Variant) -> Balance:
    page = balances_list.sync(client=client, variant=variant.id)
    assert isinstance(page, PaginatedBalanceList), page
    [balance] = page.results
    return balance


def main(server: str, brand: str, username: str, password: str) -> dict[str, object]:
    client = log_in(server, username, password)
    product, variants = list_shirt(client, brand)
    line = LineEntryRequest(variant=variants[0].id, quantity=7, destination="MAIN")
    first = move(client, brand, EnteredKind.RECEIPT, line, "python-1")
    again = move(client, brand, EnteredKind.RECEIPT, line, "python-1")
    assert isinstance(first.parsed, Posting) and isinstance(again.parsed, Posting)
    far_too_many = LineEntryRequest(sku=variants[0].sku, quantity=900, source="MAIN")
    refused = move(client, brand, EnteredKind.SHIPMENT, far_too_many, "python-2").parsed
    assert isinstance(refused, Error), refused
    nobody = login.sync(client=Client(server), body=LoginRequest(username=username, password="wrong"))
    assert isinstance(nobody, Error), nobody
    return {
        "status": product.status.value,
        "skus": [variant.sku for variant in variants],
        "listed": [one.id for one in all_products(client, brand)],
        "statuses": [first.status_code, again.status_code],
        "same": first.parsed.id == again.parsed.id,
        "on_hand": balance_of(client, variants[0]).on_hand,
        "refused": [refused.code, [[problem.line, problem.code] for problem in refused.errors]],
        "unknown": nobody.code,
    }


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
