"""The database triggers that keep the ledger append-only, and each movement true to its posting.

SQLite drops the triggers of a table that a later migration rebuilds: such a migration ends with
`RunPython(triggers.install, triggers.remove)`, which is safe to repeat. A test looks at the migrated database.
On SQLite, INSERT OR REPLACE fires DELETE triggers only with `PRAGMA recursive_triggers`, which the settings switch on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

# A table that a later migration makes is guarded from then on: its migration installs the triggers again.
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
_POSTGRES_FUNCTIONS = f"""
CREATE OR REPLACE FUNCTION inventory_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = '23000', DETAIL = TG_OP || ' ' || TG_TABLE_NAME; END $$;
CREATE OR REPLACE FUNCTION inventory_check_movements() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM added LEFT JOIN inventory_posting p ON {_SAME.format("added")} WHERE p.id IS NULL
    ) THEN RAISE EXCEPTION '{STRANGER}' USING ERRCODE = '23000'; END IF;
    RETURN NULL;
END $$;
"""  # noqa: S608 - made of constants
_POSTGRES_GUARD = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION inventory_refuse_change();
"""
_POSTGRES_CHECK = """
CREATE TRIGGER inventory_stockmovement_posting AFTER INSERT ON inventory_stockmovement
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION inventory_check_movements();
"""
_SQLITE_GUARD = """
CREATE TRIGGER {{table}}_no_{event} BEFORE {event} ON {{table}} BEGIN SELECT RAISE(ABORT, '{refusal}'); END;
"""
_SQLITE_CHECK = f"""
CREATE TRIGGER inventory_stockmovement_posting BEFORE INSERT ON inventory_stockmovement BEGIN
    SELECT RAISE(ABORT, '{STRANGER}') WHERE NOT EXISTS (
        SELECT 1 FROM inventory_posting p WHERE {_SAME.format("NEW")}
    );
END;
"""  # noqa: S608 - made of constants


def install(apps: Any, schema_editor: Any) -> None:
    """Puts the triggers in place, anew where they are there already. For `RunPython`."""
    _install(schema_editor.connection)


def remove(apps: Any, schema_editor: Any) -> None:
    _remove(schema_editor.connection)


@contextmanager
def lifted(connection: Any) -> Iterator[None]:
    """The guard is off inside: only for tests, which empty the database or forge it to see the forgery found."""
    _remove(connection)
    try:
        yield
    finally:
        _install(connection)


def _install(connection: Any) -> None:
    _remove(connection)
    with connection.cursor() as cursor:
        for statement in _statements(connection.vendor, _present(connection)):
            cursor.execute(statement)


def _remove(connection: Any) -> None:
    postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        for table in _present(connection):
            for name in ("append_only", "no_UPDATE", "no_DELETE", "posting"):
                on_table = f" ON {table}" if postgres else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_{name}{on_table}")
        for function in ("refuse_change", "check_movements") if postgres else ():
            cursor.execute(f"DROP FUNCTION IF EXISTS inventory_{function}()")


def _present(connection: Any) -> list[str]:
    there = set(connection.introspection.table_names())
    return [table for table in TABLES if table in there]


def _statements(vendor: str, tables: Sequence[str]) -> list[str]:
    if vendor == "postgresql":
        guards = [_POSTGRES_GUARD.format(table=table) for table in tables]
        return [_POSTGRES_FUNCTIONS, *guards, _POSTGRES_CHECK]
    events = [_SQLITE_GUARD.format(event=event, refusal=REFUSAL) for event in ("UPDATE", "DELETE")]
    return [*(guard.format(table=table) for table in tables for guard in events), _SQLITE_CHECK]
