"""The database triggers that keep the ledger append-only, and each movement true to its posting.

A migration that rebuilds one of their tables puts them back: see `erp.core.append_only`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from erp.core.append_only import Guard

TABLES = (
    "inventory_stockmovement",
    "inventory_posting",
    "inventory_costentry",
    "inventory_dayseal",
    "inventory_periodclose",
)
REFUSAL = "The ledger is append-only: reverse the movement instead."
STRANGER = "A movement has the brand, kind and actor of its posting."
_SAME = "p.id = {0}.posting_id AND p.brand_id = {0}.brand_id AND p.kind = {0}.kind AND p.actor_id = {0}.actor_id"

# One trigger a statement, so that a bulk posting pays once. The state 23000 reaches Django as an IntegrityError.
_POSTGRES_FUNCTION = f"""
CREATE OR REPLACE FUNCTION inventory_check_movements() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM added LEFT JOIN inventory_posting p ON {_SAME.format("added")} WHERE p.id IS NULL
    ) THEN RAISE EXCEPTION '{STRANGER}' USING ERRCODE = '23000'; END IF;
    RETURN NULL;
END $$;
"""  # noqa: S608 - made of constants
_POSTGRES_CHECK = """
CREATE TRIGGER inventory_stockmovement_posting AFTER INSERT ON inventory_stockmovement
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION inventory_check_movements();
"""
_SQLITE_CHECK = f"""
CREATE TRIGGER inventory_stockmovement_posting BEFORE INSERT ON inventory_stockmovement BEGIN
    SELECT RAISE(ABORT, '{STRANGER}') WHERE NOT EXISTS (
        SELECT 1 FROM inventory_posting p WHERE {_SAME.format("NEW")}
    );
END;
"""  # noqa: S608 - made of constants


class LedgerGuard(Guard):
    """Also looks at each movement as it is inserted."""

    def statements(self, vendor: str, tables: Sequence[str]) -> list[str]:
        checks = [_POSTGRES_FUNCTION, _POSTGRES_CHECK] if vendor == "postgresql" else [_SQLITE_CHECK]
        return [*super().statements(vendor, tables), *checks]

    def take(self, connection: Any) -> None:
        super().take(connection)
        postgres = connection.vendor == "postgresql"
        with connection.cursor() as cursor:
            if "inventory_stockmovement" in self.present(connection):
                on_table = " ON inventory_stockmovement" if postgres else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS inventory_stockmovement_posting{on_table}")
            if postgres:
                cursor.execute("DROP FUNCTION IF EXISTS inventory_check_movements()")


guard = LedgerGuard("inventory", TABLES, REFUSAL)
install, remove, lifted = guard.install, guard.remove, guard.lifted
