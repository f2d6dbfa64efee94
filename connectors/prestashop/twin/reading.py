"""GET: one object, a list with filters, order and paging, a schema."""

import re
from typing import Any

from .call import Call
from .errors import FatalError, WebserviceError, bad_query, closest
from .filters import exact_value, parse, sort_key
from .prices import Prices
from .record import Display, Record
from .schema import OLD_RESOURCES, RESOURCES, Association, Field, Resource
from .shops import BY_SHOP, sees
from .store import Row, Store

DATES = ("date_add", "date_upd")
_DISPLAY = re.compile(r"\[(.*)\]", re.DOTALL)
_PRICE = re.compile(r"price\[(\w+)\]\[(\w+)\]")
_SORT = (
    'The "sort" value has to be formed as this example: "field_ASC" or '
    "'[field_1_DESC,field_2_ASC,field_3_ASC,...]' (\"field\" has to be an available field)"
)


class Reader:
    """Reads the store for one request. `old` is 8.2."""

    def __init__(
        self,
        store: Store,
        prices: Prices,
        call: Call,
        *,
        old: bool,
        of_shops: list[int] | None = None,
    ) -> None:
        self.store = store
        self.prices = prices
        self.call = call
        self.old = old
        self.of_shops = of_shops
        self.languages = self._languages()

    # one object

    def row(self, resource: Resource) -> Row | None:
        return self.store.get(resource.name, self.call.id)

    def record(self, resource: Resource, row: Row, display: Display) -> Record:
        shown = Record(resource=resource, id=row["id"])
        shown.product_id = int(row.get("id_product") or row["id"])
        for field in resource.fields:
            if display.everything or field.name in display.names:
                shown.values.append((field, self._localised(field, row.get(field.name))))
        for name, value in self._computed(resource, row, display):
            shown.values.append((Field(name=name), value))
        for one in resource.associations:
            if display.everything or one.name in display.nested:
                wanted = display.nested.get(one.name)
                rows = [_only(one, member, wanted) for member in self._members(one, resource, row)]
                shown.associations.append((one, rows))
        return shown

    def _members(self, one: Association, resource: Resource, row: Row) -> list[Row]:
        """Rows of an association; what other tables know is read there."""
        id_ = row["id"]
        if (resource.name, one.name) == ("orders", "order_rows"):
            return self.store.find("order_details", "id_order", id_)
        if (resource.name, one.name) == ("products", "stock_availables"):
            return self.store.find("stock_availables", "id_product", id_)
        if (resource.name, one.name) == ("products", "combinations"):
            return self.store.find("combinations", "id_product", id_)
        return list(row.get("associations", {}).get(one.name, []))

    def _localised(self, field: Field, value: Any) -> Any:
        if field.kind != "lang" or not isinstance(value, list) or self.languages is None:
            return value
        found = [one for one in value if one["id"] in self.languages]
        return found[0]["value"] if len(self.languages) == 1 and found else found

    def _languages(self) -> list[int] | None:
        text = self.call.params.get("language")
        if text is None:
            return None
        known = {row["id"] for row in self.store.rows("languages")}
        wanted = [part.strip() for part in re.split(r"[|,]", text.strip("[]"))]
        if not all(part.isdigit() and int(part) in known for part in wanted):
            raise WebserviceError(400, (81, "language is not available"))
        return [int(part) for part in wanted]

    def _computed(self, resource: Resource, row: Row, display: Display) -> list[tuple[str, Any]]:
        """`price[name][option]` adds a field with a price worked out by the shop (195)."""
        if resource.name != "products":
            return []
        options: dict[str, dict[str, str]] = {}
        for name, value in self.call.params.items():
            if found := _PRICE.fullmatch(name):
                options.setdefault(found[1], {})[found[2]] = value
        return [
            (
                name,
                self.prices.shown(
                    row,
                    combination=self.store.get("combinations", one.get("product_attribute", "0")),
                    use_tax=one.get("use_tax") == "1",
                ),
            )
            for name, one in options.items()
            if display.everything or name in display.names
        ]

    # what to show

    def display(self, resource: Resource) -> Display:
        text = self.call.params.get("display")
        if text is None:
            return Display(minimal=True)
        if text == "full":
            return Display(full=True)
        inner = _DISPLAY.fullmatch(text)
        if inner is None:
            listed = ", ".join(resource.by_name)
            message = (
                "The 'display' syntax is wrong. You can set 'full' or"
                f" '[field_1,field_2,field_3,...]'. These are available: {listed}"
            )
            raise bad_query(36, message, old=self.old)
        names: set[str] = set()
        nested: dict[str, frozenset[str]] = {}
        extra = {found[1] for name in self.call.params if (found := _PRICE.fullmatch(name))}
        for part in re.findall(r"[^,\[\]]+(?:\[[^\]]*\])?", inner[1]):
            name, bracket, fields = part.strip().partition("[")
            if (one := resource.association(name)) is not None:
                everything = ",".join(field.name for field in one.fields)
                wanted = fields.rstrip("]") if bracket else everything
                nested[name] = frozenset(field.strip() for field in wanted.split(","))
            elif name in resource.by_name or name in extra:
                names.add(name)
            else:
                available = ", ".join(resource.by_name)
                message = (
                    f'Unable to display this field "{name}". However, these are available:'
                    f" {available}"
                )
                raise bad_query(35, message, old=self.old)
        return Display(names=frozenset(names), nested=nested)

    # lists

    def rows(self, resource: Resource) -> list[Row]:
        """The rows a list request asks for, in its order. Raises what the shop answers instead."""
        wanted = self._filters(resource)
        order = self._sort(resource)
        offset, count = self._limit()
        missing = [one for one in (*wanted, *order) if one[0] not in resource.by_name]
        if missing:
            # A column the table lacks: the query fails, and nobody looks at the failure (127a).
            if self.old:
                raise FatalError
            return []
        found = self._candidates(resource, wanted)
        if self.of_shops is not None and resource.name in BY_SHOP:
            of = self.of_shops
            found = [row for row in found if sees(self.store, of, resource.name, row)]
        for name, text in wanted:
            test = parse(resource.by_name[name], text)
            found = [row for row in found if test(row.get(name))]
        for name, direction in reversed(order):
            field = resource.by_name[name]
            found.sort(key=lambda row: sort_key(field, row.get(name)), reverse=direction == "DESC")
        return found[offset : None if count is None else offset + count]

    def _candidates(self, resource: Resource, wanted: list[tuple[str, str]]) -> list[Row]:
        table = self.store.table(resource.name)
        for name, text in wanted:
            value = exact_value(text)
            if value is None:
                continue
            if name == "id":
                row = self.store.get(resource.name, value)
                return [] if row is None else [row]
            if table.has_index(name) and resource.by_name[name].kind == "int":
                return table.find(name, value)
        return list(table.rows.values())

    def _available(self, resource: Resource) -> list[str]:
        with_dates = self.call.params.get("date") == "1"
        names = [name for name in resource.by_name if name not in DATES]
        return [*names, *DATES] if with_dates else names

    def _filters(self, resource: Resource) -> list[tuple[str, str]]:
        available = self._available(resource)
        found: list[tuple[str, str]] = []
        for param, text in self.call.params.items():
            if not (param.startswith("filter[") and param.endswith("]")):
                continue
            name = param[7:-1]
            if name not in available:
                listed = ", ".join(f'"{one}"' for one in available)
                message = (
                    f'This filter does not exist. Did you mean: "{closest(name, available)}"?'
                    f" The full list is: {listed}"
                )
                raise bad_query(32, message, old=self.old)
            if name in resource.by_name and resource.by_name[name].dynamic:
                message = (
                    f'The field "{name}" is dynamic. It is not possible to filter GET query'
                    " with this field."
                )
                raise bad_query(34, message, old=self.old)
            found.append((name, text))
        return found

    def _sort(self, resource: Resource) -> list[tuple[str, str]]:
        text = self.call.params.get("sort")
        if text is None:
            return []
        inner = _DISPLAY.fullmatch(text)
        found: list[tuple[str, str]] = []
        for part in inner[1].split(",") if inner else [text]:
            name, _, direction = part.strip().rpartition("_")
            if not name or direction.upper() not in {"ASC", "DESC"}:
                raise bad_query(37, _SORT, old=self.old)
            available = self._available(resource)
            if name not in available:
                translated = [one.name for one in resource.fields if one.kind == "lang"]
                message = (
                    "Unable to filter by this field. However, these are available: "
                    f"{', '.join(available)}, for i18n fields:{', '.join(translated)}"
                )
                raise bad_query(38, message, old=self.old)
            found.append((name, direction.upper()))
        return found

    def _limit(self) -> tuple[int, int | None]:
        text = self.call.params.get("limit")
        if text is None:
            return 0, None
        parts = text.split(",")
        if len(parts) > 2:
            message = 'The "limit" value has to be formed as this example: "5,25" or "10"'
            raise bad_query(39, message, old=self.old)
        numbers = [int(part) if part.strip().isdigit() else 0 for part in parts]
        return (0, numbers[0]) if len(numbers) == 1 else (numbers[0], numbers[1])


def _only(one: Association, row: Row, wanted: frozenset[str] | None) -> Row:
    names = [field.name for field in one.fields]
    return {name: row[name] for name in names if name in row and (wanted is None or name in wanted)}


def known(name: str, *, old: bool) -> Resource | None:
    """The resource as this version of the shop has it; None for one that the twin does not know
    by field."""
    return (OLD_RESOURCES if old else RESOURCES).get(name)
