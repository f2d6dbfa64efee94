"""The shop's tables: rows in memory, every committed change in a SQLite file when there is one."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

Row = dict[str, Any]

# Lookups that the webservice and the shop itself make all the time.
INDEXED = {
    "orders": ("reference", "id_cart"),
    "order_details": ("id_order",),
    "order_carriers": ("id_order",),
    "order_histories": ("id_order",),
    "order_invoices": ("id_order",),
    "order_payments": ("order_reference",),
    "stock_availables": ("id_product",),
    "combinations": ("id_product",),
    "addresses": ("id_customer",),
    "customers": ("email",),
}


class Table:
    """Rows by id in the order they were made, with a few exact-match indexes."""

    def __init__(self, indexed: Iterable[str] = ()) -> None:
        self.rows: dict[int, Row] = {}
        self.next_id = 1
        self._indexes: dict[str, dict[str, dict[int, None]]] = {name: {} for name in indexed}

    def put(self, row: Row) -> None:
        old = self.rows.get(row["id"])
        self.rows[row["id"]] = row
        self.next_id = max(self.next_id, row["id"] + 1)
        for name, index in self._indexes.items():
            value = str(row.get(name))
            if old is not None:
                before = str(old.get(name))
                if before == value:
                    continue  # it keeps its place
                index[before].pop(row["id"], None)
            index.setdefault(value, {})[row["id"]] = None

    def delete(self, id_: int) -> None:
        self._forget(self.rows.pop(id_))

    def find(self, field: str, value: object) -> list[Row]:
        if field in self._indexes:
            ids = self._indexes[field].get(str(value), {})
            return [self.rows[id_] for id_ in ids]
        return [row for row in self.rows.values() if str(row.get(field)) == str(value)]

    def has_index(self, field: str) -> bool:
        return field in self._indexes

    def _forget(self, row: Row) -> None:
        for name, index in self._indexes.items():
            index[str(row.get(name))].pop(row["id"], None)


class Store:
    """All tables of one shop, and a few named values (`meta`).

    Rows handed out are the stored ones: change a copy and `put` it back. `commit` writes what
    changed since the last one in a single transaction; it survives the death of this process.
    """

    def __init__(self, data: Path | None) -> None:
        self.tables: dict[str, Table] = {}
        self.meta: dict[str, Any] = {}
        self._dirty: dict[tuple[str, int], Row | None] = {}
        self._dirty_meta: set[str] = set()
        self._file: sqlite3.Connection | None = None
        if data is not None:
            data.parent.mkdir(parents=True, exist_ok=True)
            self._file = _open(data)
            self._load(self._file)

    @property
    def is_new(self) -> bool:
        return not self.meta

    def table(self, name: str) -> Table:
        if name not in self.tables:
            self.tables[name] = Table(INDEXED.get(name, ()))
        return self.tables[name]

    def rows(self, name: str) -> Iterator[Row]:
        return iter(self.table(name).rows.values())

    def get(self, name: str, id_: object) -> Row | None:
        try:
            return self.table(name).rows.get(int(str(id_)))
        except ValueError:
            return None

    def find(self, name: str, field: str, value: object) -> list[Row]:
        return self.table(name).find(field, value)

    def put(self, name: str, row: Row) -> Row:
        self.table(name).put(row)
        self._dirty[name, row["id"]] = row
        return row

    def add(self, name: str, row: Row) -> Row:
        """Put a new row under the table's next id."""
        return self.put(name, {"id": self.table(name).next_id, **row})

    def change(self, name: str, id_: int, **fields: Any) -> Row:
        return self.put(name, {**self.table(name).rows[id_], **fields})

    def delete(self, name: str, id_: int) -> None:
        self.table(name).delete(id_)
        self._dirty[name, id_] = None

    def set_meta(self, name: str, value: Any) -> None:
        self.meta[name] = value
        self._dirty_meta.add(name)

    def clear(self, *, keep: Iterable[str] = ()) -> None:
        """Forget all tables but those named in `keep`, and their rows on disk."""
        kept = set(keep)
        for name in [one for one in self.tables if one not in kept]:
            for id_ in self.tables[name].rows:
                self._dirty[name, id_] = None
            del self.tables[name]

    def commit(self) -> None:
        if self._file is not None and (self._dirty or self._dirty_meta):
            gone = [key for key, row in self._dirty.items() if row is None]
            kept = [(*key, _text(row)) for key, row in self._dirty.items() if row is not None]
            meta = [(name, _text(self.meta[name])) for name in self._dirty_meta]
            # Deleted ids are not given out again, as in the shop's own database.
            names = {name for name, _ in self._dirty}
            meta += [(f"next:{name}", str(self.table(name).next_id)) for name in names]
            with self._file:
                self._file.executemany("delete from rows where name = ? and id = ?", gone)
                self._file.executemany(_UPSERT, kept)
                self._file.executemany("insert or replace into meta values (?, ?)", meta)
        self._dirty.clear()
        self._dirty_meta.clear()

    def close(self) -> None:
        self.commit()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _load(self, file: sqlite3.Connection) -> None:
        for name, row in file.execute("select name, body from rows order by place"):
            self.table(name).put(json.loads(row))
        for name, value in file.execute("select name, body from meta"):
            if name.startswith("next:"):
                table = self.table(name.removeprefix("next:"))
                table.next_id = max(table.next_id, int(value))
            else:
                self.meta[name] = json.loads(value)


# An upsert keeps the row's place: lists without `sort` come in the order the rows were made.
_UPSERT = (
    "insert into rows (name, id, body) values (?, ?, ?)"
    " on conflict (name, id) do update set body = excluded.body"
)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _open(path: Path) -> sqlite3.Connection:
    # One event loop in one process writes; `synchronous=off` still survives a killed process.
    file = sqlite3.connect(path, check_same_thread=False)
    file.execute("pragma journal_mode=wal")
    file.execute("pragma synchronous=off")
    file.execute(
        "create table if not exists rows (place integer primary key autoincrement,"
        " name text not null, id integer not null, body text not null, unique (name, id))"
    )
    file.execute("create table if not exists meta (name text primary key, body text not null)")
    return file
