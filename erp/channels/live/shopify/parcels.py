"""A parcel as Shopify's fulfilments take it.

`fulfillmentCreate` carries no key: sent again after a lost answer it would send other pieces of the same order. So what
is there under our number is counted first, and only the rest is made.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from itertools import chain
from typing import Any

from django.utils.translation import gettext as _

from erp.channels.live.adapter import Goods, Parcel
from erp.channels.live.shopify.graphql import GraphQL, refusal, user_errors
from erp.channels.live.trouble import Passing, Refused

FIND = "query ($query: String!) { orders(first: 5, query: $query) { nodes { id name } } }"
SENT = """query ($id: ID!) { order(id: $id) {
  fulfillments(first: 50) { id status trackingInfo(first: 5) { number } }
} }"""
SENT_GOODS = """query ($id: ID!, $after: String) { fulfillment(id: $id) {
  fulfillmentLineItems(first: 100, after: $after) {
    nodes { quantity lineItem { sku name } } pageInfo { hasNextPage endCursor }
  }
} }"""
OPEN = """query ($id: ID!, $after: String) { order(id: $id) { fulfillmentOrders(first: 50, after: $after) {
  nodes { id status assignedLocation { location { id } } } pageInfo { hasNextPage endCursor }
} } }"""
OPEN_GOODS = """query ($id: ID!, $after: String) { fulfillmentOrder(id: $id) { lineItems(first: 100, after: $after) {
  nodes { id remainingQuantity sku lineItem { name } } pageInfo { hasNextPage endCursor }
} } }"""
CREATE = """mutation ($fulfillment: FulfillmentInput!) { fulfillmentCreate(fulfillment: $fulfillment) {
  fulfillment { id } userErrors { field message }
} }"""
TRACK = """mutation ($id: ID!, $info: FulfillmentTrackingInput!, $mails: Boolean) {
  fulfillmentTrackingInfoUpdate(fulfillmentId: $id, trackingInfoInput: $info, notifyCustomer: $mails) {
    fulfillment { id } userErrors { field message }
  }
}"""
UNSENT = frozenset({"CANCELLED", "ERROR", "FAILURE"})
WORKABLE = frozenset({"OPEN", "IN_PROGRESS"})
# Id of a fulfilment order -> ids of its lines -> pieces.
Part = dict[str, dict[str, int]]


def send_parcel(client: GraphQL, parcel: Parcel) -> list[str]:
    """The ids of its fulfilments. Raises Refused where the order is not there, or has less to be sent than this."""
    if parcel.known_as:
        for name in parcel.known_as:
            _track(client, parcel, name)
        return list(parcel.known_as)
    order = _order(client, parcel.order_number)
    sent = [row for row in _sent(client, order) if row["id"] not in parcel.others]
    ours = [row["id"] for row in sent if parcel.tracking_number in _numbers(row)]
    missing = _missing(parcel, [_goods_of(client, name) for name in ours])
    if not missing:
        return ours
    parts = _parts(client, order, missing)
    if parts is None:
        return [*ours, _adopted(client, parcel, [row["id"] for row in sent if not _numbers(row)])]
    return [*ours, *(_create(client, parcel, part) for part in parts)]


def _order(client: GraphQL, number: str) -> str:
    """The order of exactly this name; the search finds others too."""
    quoted = number.replace("\\", "\\\\").replace('"', '\\"')
    found = (client.ask(FIND, {"query": f'name:"{quoted}"'}).get("orders") or {}).get("nodes") or []
    ids = [str(node["id"]) for node in found if node.get("name") == number]
    if len(ids) != 1:
        raise Refused(_("Shopify has no order %(number)s, or may not show it.") % {"number": number})
    return ids[0]


def _sent(client: GraphQL, order: str) -> list[dict[str, Any]]:
    rows = (client.ask(SENT, {"id": order}).get("order") or {}).get("fulfillments")
    if not isinstance(rows, list):
        raise Passing(_("The marketplace answered something unreadable."))
    return [row for row in rows if row.get("status") not in UNSENT]


def _numbers(row: Mapping[str, Any]) -> set[str]:
    """As we keep them: without blanks and dashes."""
    told = (str(info.get("number") or "") for info in row.get("trackingInfo") or [])
    return {re.sub(r"[\s\-]", "", number).upper() for number in told} - {""}


def _goods_of(client: GraphQL, name: str) -> list[tuple[str, int]]:
    """(SKU or title, pieces) of a fulfilment."""
    nodes = client.pages(SENT_GOODS, {"id": name}, "fulfillment", "fulfillmentLineItems")
    return [(_name(node["lineItem"]), int(node["quantity"])) for node in nodes]


def _name(line: Mapping[str, Any]) -> str:
    return str(line.get("sku") or line.get("name") or "")


def _missing(parcel: Parcel, sent: list[list[tuple[str, int]]]) -> list[Goods]:
    """The goods of the parcel that are not there under its number yet."""
    there: defaultdict[str, int] = defaultdict(int)
    for name, pieces in chain.from_iterable(sent):
        there[name] += pieces
    left = []
    for goods in parcel.goods:
        pieces = goods.pieces
        for name in sorted(goods.names):
            taken = min(pieces, there[name])
            there[name] -= taken
            pieces -= taken
        if pieces:
            left.append(Goods(goods.names, pieces))
    return left


def _parts(client: GraphQL, order: str, missing: list[Goods]) -> list[Part] | None:
    """What to make, one part for each place of theirs; None where nothing of the order is left to be sent."""
    lines = _open_lines(client, order)
    if not lines:
        return None
    parts: defaultdict[str, Part] = defaultdict(dict)
    for goods in missing:
        pieces = goods.pieces
        for line in lines:
            taken = min(pieces, line["left"]) if line["name"] in goods.names else 0
            if taken:
                part = parts[line["place"]].setdefault(line["order"], {})
                part[line["id"]] = part.get(line["id"], 0) + taken
                line["left"] -= taken
                pieces -= taken
        if pieces:
            words = _("%(goods)s: %(pieces)s more than Shopify has left to be sent. Look at the order there.")
            raise Refused(words % {"goods": min(goods.names), "pieces": pieces})
    return list(parts.values())


def _open_lines(client: GraphQL, order: str) -> list[dict[str, Any]]:
    found = []
    for row in client.pages(OPEN, {"id": order}, "order", "fulfillmentOrders"):
        if row.get("status") not in WORKABLE:
            continue
        place = str(((row.get("assignedLocation") or {}).get("location") or {}).get("id") or "")
        for line in client.pages(OPEN_GOODS, {"id": row["id"]}, "fulfillmentOrder", "lineItems"):
            if left := int(line["remainingQuantity"]):
                name = str(line.get("sku") or line["lineItem"]["name"])
                found.append({"order": row["id"], "place": place, "id": line["id"], "left": left, "name": name})
    return found


def _create(client: GraphQL, parcel: Parcel, part: Part) -> str:
    lines = [
        {
            "fulfillmentOrderId": order,
            "fulfillmentOrderLineItems": [{"id": line, "quantity": pieces} for line, pieces in pieces_by.items()],
        }
        for order, pieces_by in part.items()
    ]
    given = {"lineItemsByFulfillmentOrder": lines, "trackingInfo": _info(parcel), "notifyCustomer": parcel.mails}
    payload = client.once(CREATE, {"fulfillment": given}, "fulfillmentCreate")
    if errors := user_errors(payload):
        raise refusal(errors)
    try:
        return str(payload["fulfillment"]["id"])
    except (KeyError, TypeError) as error:
        raise Passing(_("The marketplace answered something unreadable.")) from error


def _adopted(client: GraphQL, parcel: Parcel, blank: list[str]) -> str:
    """Somebody sent all of it there by hand: the one fulfilment without a number that holds its goods gets ours."""
    if len(blank) != 1 or _missing(parcel, [_goods_of(client, blank[0])]):
        words = _(
            "Nothing of order %(number)s is left to be sent at Shopify: it went out under another number, is on hold "
            "or was cancelled. Look at it there."
        )
        raise Refused(words % {"number": parcel.order_number})
    _track(client, parcel, blank[0])
    return blank[0]


def _track(client: GraphQL, parcel: Parcel, name: str) -> None:
    given = {"id": name, "info": _info(parcel), "mails": parcel.mails}
    if errors := user_errors(client.change(TRACK, given, "fulfillmentTrackingInfoUpdate")):
        raise refusal(errors)


def _info(parcel: Parcel) -> dict[str, str]:
    return {"company": parcel.courier, "number": parcel.tracking_number}
