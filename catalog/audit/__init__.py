"""Who changed which field of what, from what to what, and when: the history of everything but the stock.

A model takes part by one line in its app's `ready()`, or as a decorator:

    audited(PurchaseOrder, page="trade:purchase")
    audited(PurchaseLine, brand="order.brand", topic="order")

From then on every `save` and `delete` of a row is recorded, whoever does it: a page, the admin, the API, a job or a
command. `bulk_create`, `bulk_update` and `QuerySet.update` pass no row through `save`: a service that uses them calls
`record_created`, or `remember` before and `record_changed` after. Services that take an `actor` are marked with
`erp.core.audit.by_actor`; a job wraps other work in `erp.core.audit.acting(person)`.

The changes stay when their object is deleted.
"""

from catalog.audit.recording import record_changed, record_created, remember
from catalog.audit.registry import audited

__all__ = ["audited", "record_changed", "record_created", "remember"]
