"""Where Shopify delivers an order's news: its webhook subscriptions for this address.

`orders/updated` tells of payments, fulfilments and refunds too: with it the narrower topics would say everything twice.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from erp.channels.live.shopify.graphql import GraphQL, refusal, user_errors

TOPICS = ("ORDERS_CREATE", "ORDERS_UPDATED", "ORDERS_CANCELLED")
LIST = """query ($after: String) { webhookSubscriptions(first: 100, after: $after) {
  nodes { id topic uri } pageInfo { hasNextPage endCursor }
} }"""
CREATE = """mutation ($topic: WebhookSubscriptionTopic!, $uri: String!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: {uri: $uri, format: JSON}) {
    webhookSubscription { id } userErrors { field message }
  }
}"""
DELETE = """mutation ($id: ID!) {
  webhookSubscriptionDelete(id: $id) { deletedWebhookSubscriptionId userErrors { field message } }
}"""


def listen(client: GraphQL, address: str) -> None:
    """Each topic once at this address; the same path at an older address of this installation is given up."""
    there = _of_path(client, address)
    for row in there:
        if row["uri"] != address:
            _delete(client, row["id"])
    known = {row["topic"] for row in there if row["uri"] == address}
    errors = [error for topic in TOPICS if topic not in known for error in _create(client, topic, address)]
    if errors and not set(TOPICS) <= {row["topic"] for row in _of_path(client, address) if row["uri"] == address}:
        raise refusal(errors)


def stop_listening(client: GraphQL, address: str) -> None:
    for row in _of_path(client, address):
        _delete(client, row["id"])


def _of_path(client: GraphQL, address: str) -> list[dict[str, Any]]:
    """The path names the channel, wherever this installation is or was reached."""
    path = urlsplit(address).path
    rows = client.pages(LIST, {}, "webhookSubscriptions")
    return [row for row in rows if urlsplit(str(row.get("uri"))).path == path]


def _create(client: GraphQL, topic: str, address: str) -> list[dict[str, Any]]:
    """What is wrong. That it is there already may be of an attempt whose answer was lost: the caller looks again."""
    return user_errors(client.change(CREATE, {"topic": topic, "uri": address}, "webhookSubscriptionCreate"))


def _delete(client: GraphQL, name: str) -> None:
    """One that somebody deleted meanwhile is gone all the same."""
    client.change(DELETE, {"id": name}, "webhookSubscriptionDelete")
