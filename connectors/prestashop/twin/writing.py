"""POST, PUT, PATCH and DELETE: one way for every resource, and what the shop does after it."""

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from .call import Call
from .effects import Effects
from .errors import WebserviceError
from .record import Record
from .schema import DECIMALS, Field, Resource
from .store import Row, Store
from .validate import check, failure
from .xml_input import Sent, parse

# On 8.2 a customer's secure_key could still be written (149).
JUST_SET = {"current_state", "id_order_state"}


@dataclass(slots=True, kw_only=True)
class Written:
    """What a write answers: the object as PHP held it, and errors that did not undo it (197)."""

    record: Record
    errors: list[tuple[int, str]] = field(default_factory=list)


class Writer:
    def __init__(
        self,
        store: Store,
        effects: Effects,
        call: Call,
        *,
        old: bool,
        quirks: frozenset[str] = frozenset(),
    ) -> None:
        self.quirks = quirks
        self.store = store
        self.effects = effects
        self.call = call
        self.old = old

    def write(self, resource: Resource) -> Written:
        """Save every object of the body in turn; the answer shows the last one (133)."""
        objects = parse(self.call.body, old=self.old)
        if self.call.method == "POST":
            if any(sent.fields.get("id") for sent in objects):
                raise WebserviceError(400, (91, "id is forbidden when adding a new resource"))
        else:
            if not all(sent.fields.get("id") for sent in objects):
                raise WebserviceError(400, (90, "id is required when modifying a resource"))
            if any(self.store.get(resource.name, one.fields["id"]) is None for one in objects):
                raise WebserviceError(404, (92, "Invalid ID"))
        if not objects:
            raise WebserviceError(400, (90, "id is required when modifying a resource"))
        return [self._save(resource, sent) for sent in objects][-1]

    def delete(self, resource: Resource) -> None:
        """Remove one object, or several named by `?id=[1,2]`. Unknown ids: 404 (171)."""
        ids = (
            [self.call.id]
            if self.call.id
            else self.call.params.get("id", "").strip("[]").split(",")
        )
        rows = [self.store.get(resource.name, one) for one in ids]
        missing = [one for one, row in zip(ids, rows, strict=True) if row is None]
        if missing:
            raise WebserviceError(404, (87, f"Id(s) not exists: {', '.join(missing)}"))
        for row in rows:
            if row is not None:
                self.effects.remove(resource.name, row)

    def _save(self, resource: Resource, sent: Sent) -> Written:
        method = self.call.method
        texts = self._accepted(resource, sent)
        old_row = self.store.get(resource.name, sent.fields.get("id"))
        self._validate(resource, sent, texts, old_row)
        row = self._row(resource, sent, texts, old_row)
        if "stock_ignored" in self.quirks and old_row is not None:
            return self._answer(resource, sent, texts, old_row, row, {})
        if "price_rounded" in self.quirks and "price" in row:
            cents = Decimal(row["price"]).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
            row["price"] = f"{cents:.6f}"
        echo = self.effects.dates(resource, method, texts, row)
        if method == "POST":
            echo |= self.effects.create(resource.name, row, texts)
        else:
            echo |= self.effects.update(resource.name, method, old_row or row, row, texts)
        return self._answer(resource, sent, texts, old_row, row, echo)

    def _accepted(self, resource: Resource, sent: Sent) -> dict[str, str]:
        """Sent plain fields that the resource has, in its order; 93 and 41 come in that order."""
        found: dict[str, str] = {}
        for one in resource.fields[1:]:
            if sent.has(one.name):
                if one.readonly:
                    message = (
                        f'parameter "{one.name}" not writable. Please remove this attribute of'
                        " this XML"
                    )
                    raise WebserviceError(400, (93, message))
                if one.name in sent.fields:
                    found[one.name] = sent.fields[one.name]
            elif one.required and self.call.method != "PATCH":
                raise WebserviceError(400, (41, f'parameter "{one.name}" required'))
        return found

    def _validate(
        self, resource: Resource, sent: Sent, texts: dict[str, str], old_row: Row | None
    ) -> None:
        for name, text in texts.items():
            check(resource, resource.by_name[name], text, old=self.old)
        for name, languages in sent.languages.items():
            if name in resource.by_name:
                for text in languages.values():
                    check(resource, resource.by_name[name], text, old=self.old)
        if resource.name == "addresses":
            merged = {**(old_row if old_row and self.call.method == "PATCH" else {}), **texts}
            country = self.store.get("countries", merged.get("id_country", 0))
            needed = country is not None and country["need_identification_number"] == "1"
            if needed and not merged.get("dni"):
                raise failure("Property Address->dni is empty.", old=self.old)

    def _row(
        self, resource: Resource, sent: Sent, texts: dict[str, str], old_row: Row | None
    ) -> Row:
        """The row to store: PATCH changes, PUT and POST start from nothing (098, 198a)."""
        languages = [row["id"] for row in self.store.rows("languages")]
        row: Row = {"id": old_row["id"]} if old_row else {}
        for one in resource.fields[1:]:
            if one.name in texts:
                row[one.name] = typed(one, texts[one.name])
            elif one.kind == "lang" and one.name in sent.languages:
                row[one.name] = _translated(languages, sent.languages[one.name])
            elif old_row and (self.call.method == "PATCH" or one.readonly or one.dynamic):
                row[one.name] = old_row[one.name]
            elif one.kind == "lang":
                row[one.name] = _translated(languages, {})
            else:
                row[one.name] = one.empty()
        associations = dict(old_row.get("associations", {})) if old_row else {}
        for name, members in sent.associations.items():
            known = resource.association(name)
            if known is not None:
                associations[name] = [
                    {one.name: typed(one, member.get(one.name, "")) for one in known.fields}
                    for member in members
                ]
        if associations:
            row["associations"] = associations
        return row

    def _answer(
        self,
        resource: Resource,
        sent: Sent,
        texts: dict[str, str],
        old_row: Row | None,
        row: Row,
        echo: Row,
    ) -> Written:
        """The object as PHP held it: sent fields as text, the others as they were loaded."""
        shown = Record(resource=resource, id=row["id"])
        shown.product_id = int(row.get("id_product") or row["id"])
        shown.just_set = frozenset(JUST_SET & echo.keys())
        patched = old_row if self.call.method == "PATCH" else None
        errors: list[tuple[int, str]] = []
        for one in resource.fields:
            value: Any
            if one.name == "id":
                value = echo.get("id", str(row["id"]))
            elif one.name in echo:
                value = echo[one.name]
            elif one.name in texts:
                value = texts[one.name]
            elif one.name in sent.languages:
                given = sent.languages[one.name]
                value = [
                    {"id": part["id"], "value": given.get(part["id"])} for part in row[one.name]
                ]
                errors += [
                    _undefined_language(part["id"], old=self.old)
                    for part in value
                    if part["value"] is None
                ]
            elif patched is not None:
                value = patched.get(one.name)
            elif old_row is not None and one.dynamic:
                value = old_row.get(one.name)
            else:
                value = None
            shown.values.append((one, value))
        shown.associations = [
            (one, self.effects.members(one, resource, row)) for one in resource.associations
        ]
        return Written(record=shown, errors=errors)


def typed(field: Field, text: str) -> Any:
    """A sent text as the shop's database keeps it."""
    if field.kind == "int":
        try:
            return int(text)
        except ValueError:
            return 0
    if field.kind == "bool":
        return "1" if text not in {"", "0"} else "0"
    if field.kind in DECIMALS:
        places = Decimal(1).scaleb(-DECIMALS[field.kind])
        try:
            return str(Decimal(text or "0").quantize(places, rounding=ROUND_HALF_UP))
        except InvalidOperation:
            return str(Decimal(0).quantize(places))
    return text or field.empty()


def _translated(languages: list[int], given: dict[int, str]) -> list[Row]:
    return [{"id": id_, "value": given.get(id_, "")} for id_ in languages]


def _undefined_language(id_: int, *, old: bool) -> tuple[int, str]:
    line = 98 if old else 78
    file = "/var/www/html/classes/webservice/WebserviceOutputJSON.php"
    return 3, f"[PHP Warning #2] Undefined array key {id_} ({file}, line {line})"
