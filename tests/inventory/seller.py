"""A process that ships a variant piece by piece until a refusal or its last try: `{"variant", "location", "tries"}`."""

from __future__ import annotations

import json
import os
import sys
from uuid import uuid4

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erp.settings")
    django.setup()
    from erp.core.errors import DomainError
    from erp.core.models import User
    from erp.inventory.models import Location
    from erp.inventory.services import ship

    order = json.loads(sys.stdin.readline())
    location = Location.objects.select_related("brand").get(pk=order["location"])
    actor = User.objects.get(pk=order["actor"])
    print("ready", flush=True)
    sys.stdin.readline()
    sold, refusals = 0, []
    for _try in range(order["tries"]):
        try:
            ship(
                brand=location.brand,
                location=location,
                quantities={order["variant"]: 1},
                actor=actor,
                idempotency_key=uuid4().hex,
            )
            sold += 1
        except DomainError as error:
            refusals.append([error.code, [problem.line for problem in error.problems]])
    print(json.dumps({"sold": sold, "refusals": refusals}))


if __name__ == "__main__":
    main()
