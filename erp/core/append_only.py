"""Database triggers that refuse UPDATE and DELETE of the rows of a table.

SQLite drops the triggers of a table that a later migration rebuilds: such a migration ends with
`RunPython(guard.install, guard.remove)`, which is safe to repeat. A test looks at the migrated database.
On SQLite, INSERT OR REPLACE fires DELETE triggers only with `PRAGMA recursive_triggers`, which the settings switch on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

# One trigger a statement, so that a bulk insert pays nothing. The state 23000 reaches Django as an IntegrityError.
_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION {app}_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{refusal}' USING ERRCODE = '23000', DETAIL = TG_OP || ' ' || TG_TABLE_NAME; END $$;
"""
_POSTGRES_GUARD = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION {app}_refuse_change();
"""
_SQLITE_GUARD = """
CREATE TRIGGER {table}_no_{event} BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, '{refusal}'); END;
"""


class Guard:
    """Keeps the tables of one app append-only; a table that a later migration makes is guarded from then on."""

    def __init__(self, app: str, tables: Sequence[str], refusal: str) -> None:
        self.app = app
        self.tables = tables
        self.refusal = refusal

    def install(self, apps: Any, schema_editor: Any) -> None:
        """Puts the triggers in place, anew where they are there already. For `RunPython`."""
        self.put(schema_editor.connection)

    def remove(self, apps: Any, schema_editor: Any) -> None:
        self.take(schema_editor.connection)

    @contextmanager
    def lifted(self, connection: Any) -> Iterator[None]:
        """The guard is off inside: only for tests, which empty the database or forge it to see the forgery found."""
        self.take(connection)
        try:
            yield
        finally:
            self.put(connection)

    def put(self, connection: Any) -> None:
        self.take(connection)
        with connection.cursor() as cursor:
            for statement in self.statements(connection.vendor, self.present(connection)):
                cursor.execute(statement)

    def take(self, connection: Any) -> None:
        postgres = connection.vendor == "postgresql"
        with connection.cursor() as cursor:
            for table in self.present(connection):
                on_table = f" ON {table}" if postgres else ""
                for name in ("append_only",) if postgres else ("no_UPDATE", "no_DELETE"):
                    cursor.execute(f"DROP TRIGGER IF EXISTS {table}_{name}{on_table}")
            if postgres:
                cursor.execute(f"DROP FUNCTION IF EXISTS {self.app}_refuse_change()")

    def present(self, connection: Any) -> list[str]:
        there = set(connection.introspection.table_names())
        return [table for table in self.tables if table in there]

    def statements(self, vendor: str, tables: Sequence[str]) -> list[str]:
        if vendor == "postgresql":
            function = _POSTGRES_FUNCTION.format(app=self.app, refusal=self.refusal)
            return [function, *(_POSTGRES_GUARD.format(table=table, app=self.app) for table in tables)]
        events = ("UPDATE", "DELETE")
        return [
            _SQLITE_GUARD.format(table=table, event=event, refusal=self.refusal) for table in tables for event in events
        ]
