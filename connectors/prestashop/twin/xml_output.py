"""XML as the webservice writes it, to the line break."""

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

from .record import Record
from .schema import Association, Field, Resource

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
OPEN = '<prestashop xmlns:xlink="http://www.w3.org/1999/xlink">\n'
CLOSE = "</prestashop>\n"
Attributes = dict[str, str]


def cdata(value: Any) -> str:
    text = "" if value is None or value is False else str(value)
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def attributes(found: Attributes) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in found.items())


def document(content: str) -> bytes:
    return (HEAD + OPEN + content + CLOSE).encode()


def errors(found: list[tuple[int, str]]) -> str:
    inner = "".join(
        f"<error>\n<code>{cdata(code)}</code>\n<message>{cdata(message)}</message>\n</error>\n"
        for code, message in found
    )
    return f"<errors>\n{inner}</errors>\n"


class XmlOutput:
    def __init__(self, base: str, languages: Sequence[int] = ()) -> None:
        self.api = f"{base}/api/"
        self.languages = languages

    def many(self, name: str, records: list[Record]) -> str:
        return f"<{name}>\n{''.join(self.one(one) for one in records)}</{name}>\n"

    def links(self, resource: Resource, ids: list[int]) -> str:
        """A list without `display`: one link an object."""
        inner = "".join(
            f'<{resource.node} id="{id_}" xlink:href="{self.api}{resource.name}/{id_}"/>\n'
            for id_ in ids
        )
        return f"<{resource.name}>\n{inner}</{resource.name}>\n"

    def one(self, record: Record) -> str:
        fields = "".join(self._field(record, field, value) for field, value in record.values)
        groups = "".join(self._group(record, one, rows) for one, rows in record.associations)
        if groups:
            groups = f"<associations>\n{groups}</associations>\n"
        node = record.resource.node
        return f"<{node}>\n{fields}{groups}</{node}>\n"

    def _field(self, record: Record, field: Field, value: Any) -> str:
        found: Attributes = {}
        # A link to nothing is left out, except for the state of an order being made (162).
        if field.link and (value not in (0, "0", "", None) or field.name == "current_state"):
            target = field.link.replace("{id}", str(record.id))
            found["xlink:href"] = f"{self.api}{target}/{'' if value is None else value}"
        if field.dynamic:
            found["notFilterable"] = "true"
        if isinstance(value, list):
            inner = "".join(
                f'<language id="{one["id"]}" xlink:href="{self.api}languages/{one["id"]}">'
                f"{cdata(one['value'])}</language>"
                for one in value
            )
        else:
            inner = cdata(value)
        return f"\t<{field.name}{attributes(found)}>{inner}</{field.name}>\n"

    def _group(self, record: Record, one: Association, rows: list[dict[str, Any]]) -> str:
        found: Attributes = {"nodeType": one.node}
        if one.virtual:
            found["virtualEntity"] = "true"
        if one.api:
            found["api"] = one.api
        if not rows:
            return f"<{one.name}{attributes(found)}/>\n"
        inner = "".join(self._member(record, one, row) for row in rows)
        return f"<{one.name}{attributes(found)}>\n{inner}</{one.name}>\n"

    def _member(self, record: Record, one: Association, row: dict[str, Any]) -> str:
        found: Attributes = {}
        if one.api:
            place = f"images/products/{record.product_id}" if "images" in one.api else one.api
            found["xlink:href"] = f"{self.api}{place}/{row['id']}"
        inner = ""
        for field in one.fields:
            if field.name not in row:
                continue
            link: Attributes = {}
            if field.link:
                link["xlink:href"] = f"{self.api}{field.link}/{row[field.name]}"
            inner += f"\t<{field.name}{attributes(link)}>{cdata(row[field.name])}</{field.name}>\n"
        return f"\t<{one.node}{attributes(found)}>\n{inner}\t</{one.node}>\n"

    def schema(self, resource: Resource, *, synopsis: bool) -> str:
        """`schema=blank` is an empty form, `schema=synopsis` says what may stand where."""
        fields = "".join(
            f"\t<{field.name}{attributes(_synopsis(field) if synopsis else {})}>"
            f"{self._blank(field)}</{field.name}>\n"
            for field in resource.fields
            if (field.name != "id" if synopsis else not field.readonly)
        )
        groups = "".join(
            self._schema_group(one, synopsis=synopsis) for one in resource.associations
        )
        if groups:
            groups = f"<associations>\n{groups}</associations>\n"
        return f"<{resource.node}>\n{fields}{groups}</{resource.node}>\n"

    def _blank(self, field: Field) -> str:
        """A translated field has a place for each language."""
        if field.kind != "lang":
            return cdata("")
        return "".join(
            f'<language id="{one}" xlink:href="{self.api}languages/{one}">{cdata("")}</language>'
            for one in self.languages
        )

    def _schema_group(self, one: Association, *, synopsis: bool) -> str:
        found: Attributes = {}
        if synopsis:
            found["nodeType"] = one.node
            found |= {"virtualEntity": "true"} if one.virtual else {"api": one.api}
        inner = ""
        for field in one.fields:
            marks: Attributes = {}
            if synopsis:
                marks = {"xlink:href": f"{self.api}{field.link}/"} if field.link else {}
                marks |= _synopsis(field)
            inner += f"\t<{field.name}{attributes(marks)}>{cdata('')}</{field.name}>\n"
        member = f"\t<{one.node}>\n{inner}\t</{one.node}>\n"
        return f"<{one.name}{attributes(found)}>\n{member}</{one.name}>\n"


def _synopsis(field: Field) -> Attributes:
    found: Attributes = {}
    if field.required:
        found["required"] = "true"
    if field.readonly:
        found["read_only"] = "true"
    if field.max_size:
        found["maxSize"] = str(field.max_size)
    if field.format:
        found["format"] = field.format
    if field.dynamic:
        found["notFilterable"] = "true"
    if field.told_readonly:
        found["readOnly"] = "true"
    return found
