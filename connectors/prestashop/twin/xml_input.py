"""Bodies of writes: XML only, and what the shop says of anything else (087, 090, 091)."""

from dataclasses import dataclass, field

from lxml import etree

from .errors import WebserviceError, php_warning

MAX_BODY = 10 * 1024 * 1024


@dataclass(slots=True, kw_only=True)
class Sent:
    """One object of a body. A translated field holds texts by language id."""

    fields: dict[str, str] = field(default_factory=dict)
    languages: dict[str, dict[int, str]] = field(default_factory=dict)
    associations: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        return name in self.fields or name in self.languages


def parse(body: bytes, *, old: bool) -> list[Sent]:
    """The objects of a body. Raises code 127 (and PHP's warnings) for what is not XML."""
    text = body.decode("utf-8", errors="replace")
    if not text:
        raise _unreadable(text)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise _unreadable(text, *_warnings(error, text, old=old)) from None
    if b"<!DOCTYPE" in body:
        raise _unreadable(text)
    return [_sent(one) for one in root if isinstance(one.tag, str)]


def _sent(node: etree._Element) -> Sent:
    found = Sent()
    for one in node:
        if not isinstance(one.tag, str):
            continue
        if one.tag == "associations":
            for group in one:
                members = [member for member in group if isinstance(member.tag, str)]
                found.associations[str(group.tag)] = [
                    {str(leaf.tag): _text(leaf) for leaf in member} for member in members
                ]
        elif one.find("language") is not None:
            found.languages[one.tag] = {
                int(part.get("id") or 0): _text(part) for part in one.findall("language")
            }
        else:
            found.fields[one.tag] = _text(one)
    return found


def _text(node: etree._Element) -> str:
    # As PHP reads an element: its text without comments.
    return str(node.xpath("string()")) if len(node) else (node.text or "")


def _unreadable(text: str, *warnings: tuple[int, str]) -> WebserviceError:
    message = (
        "XML error : String could not be parsed as XML\n"
        f"XML length : {len(text.encode())}\nOriginal XML : {text}"
    )
    return WebserviceError(500, *warnings, (127, message))


def _warnings(error: etree.XMLSyntaxError, text: str, *, old: bool) -> list[tuple[int, str]]:
    """libxml's three lines: what is wrong, the line, and a caret under the place."""
    line, column = error.position
    shown = (text.splitlines() or [""])[max(0, min(line, len(text.splitlines())) - 1)]
    reason = str(error.msg).rsplit(", line", 1)[0]
    source = 1544 if old else 1510
    said = "SimpleXMLElement::__construct(): "
    return [
        php_warning(f"{said}Entity: line {line}: parser error : {reason}", source),
        php_warning(f"{said}{shown}", source),
        php_warning(f"{said}{' ' * max(0, column - 1)}^", source),
    ]
