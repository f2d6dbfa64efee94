"""A world file: what a shop holds at the start, and what the webservice cannot show of it."""

import json
import secrets
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .schema import OLD_RESOURCES
from .store import Row, Store

FORMAT = 1
# Kept through a reset: who listens, and that the shop's events go on counting.
KEPT = ("_hooks",)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Raises `ValueError` for a file of another format."""

    name: str
    version: str
    shop: Row
    seed: int
    keys: list[Row]
    specific_prices: list[Row]
    shipping: dict[str, str]
    supplier_references: dict[str, str]
    images: dict[str, str]
    root: list[Row]
    recorded_order: Row
    tables: dict[str, list[Row]]

    @property
    def old(self) -> bool:
        """8.2 answers numbers as text and differs in some refusals; so does what came before."""
        return self.version.startswith(("8.", "1."))

    @property
    def patches(self) -> bool:
        """PATCH came with 8.0; before that the shop does not know the verb."""
        return not self.version.startswith("1.")

    @classmethod
    def read(cls, path: Path, *, version: str | None = None) -> "World":
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if found.pop("format", None) != FORMAT:
            raise ValueError(f"{path} is not a shop world of format {FORMAT}")
        found.pop("composed", None)
        return cls(**(found | ({"version": version} if version else {})))

    def _fitting(self, name: str, row: Row) -> Row:
        """A row with the translated fields that this version has and the file's lacked."""
        resource = OLD_RESOURCES.get(name) if self.old else None
        if resource is None:
            return row
        languages = [one["id"] for one in self.tables["languages"]]
        for field in resource.fields:
            if field.kind == "lang" and field.name not in row:
                row[field.name] = [{"id": id_, "value": ""} for id_ in languages]
        return row

    def fill(self, store: Store) -> None:
        """Make the store this world's start; hooks stay registered."""
        store.clear(keep=KEPT)
        for name, rows in self.tables.items():
            for row in rows:
                store.put(name, self._fitting(name, deepcopy(row)))
        # Names the shop's events apart from those of its former lives.
        store.set_meta("epoch", secrets.token_hex(6))
        store.set_meta("sequence", 0)
        store.set_meta("faults", {})
        numbers = [int(row["delivery_number"]) for row in self.tables["orders"]]
        store.set_meta("delivery_number", max(numbers, default=0))
        store.commit()
