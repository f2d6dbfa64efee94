"""What outlives a restart: records by kind and id in one SQLite file, or nowhere."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Disk:
    """Write-through records. Survives the end of the process, not that of the machine: an
    imitation need not flush every save to the platter."""

    def __init__(self, path: Path | None) -> None:
        """`path` None keeps everything in memory. Raises `sqlite3.Error` and `OSError`."""
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(
            path if path is not None else ":memory:", isolation_level=None, check_same_thread=False
        )
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS record"
            " (kind TEXT, id TEXT, body TEXT, PRIMARY KEY (kind, id)) WITHOUT ROWID"
        )

    def put(self, kind: str, id_: str, body: Any) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO record VALUES (?, ?, ?)", (kind, id_, json.dumps(body))
        )

    def drop(self, kind: str, id_: str) -> None:
        self._db.execute("DELETE FROM record WHERE kind = ? AND id = ?", (kind, id_))

    def get(self, kind: str, id_: str) -> Any:
        row = self._db.execute(
            "SELECT body FROM record WHERE kind = ? AND id = ?", (kind, id_)
        ).fetchone()
        return None if row is None else json.loads(row[0])

    def all(self, kind: str) -> Iterator[tuple[str, Any]]:
        rows = self._db.execute(
            "SELECT id, body FROM record WHERE kind = ? ORDER BY id", (kind,)
        ).fetchall()
        for id_, body in rows:
            yield id_, json.loads(body)

    def clear(self) -> None:
        self._db.execute("DELETE FROM record")

    def close(self) -> None:
        self._db.close()
