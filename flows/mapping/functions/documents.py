"""Functions over whole contents: order lines and rich text."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from connectors.sdk.errors import ContractError
from flows.mapping.functions.function import (
    Example,
    Function,
    FunctionError,
    Group,
    Over,
    with_params,
)
from flows.mapping.functions.markup import text_of
from flows.mapping.lines import LinesError, Row, read_lines
from flows.mapping.values import describe

if TYPE_CHECKING:
    from connectors.notes.transforms.richtext import RichText

_FIELDS: Final = ("reference", "name", "quantity", "unit_price", "total")


def _kind(value: Any) -> str:
    """What a content looks like: items, dxl, html or text."""
    if type(value) is not str:
        return "items"
    head = value[:20_000].lower()
    if "<richtext" in head or "<par" in head or "<tablerow" in head or "<item " in head:
        return "dxl"
    marks = ("<table", "<tr", "<li", "<p>", "<p ", "<div", "<br", "<html", "<span")
    return "html" if any(mark in head for mark in marks) else "text"


def _line_items(value: Any, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    format_ = params.get("format", "auto")
    content = value
    if type(value) is dict and isinstance(value.get("content"), str):
        content = value["content"]  # a rich-text item as the service gives it
    elif type(value) is dict and isinstance(value.get("html"), str):
        content = value["html"]
    try:
        kind = _kind(content) if format_ == "auto" else format_
        found = read_lines(content, kind, str(params.get("locale", "")))
    except LinesError as error:
        raise FunctionError(str(error), code="line_items") from error
    if not found.rows and params.get("on_missing", "empty") == "fail":
        raise FunctionError(
            "There are no order lines in the content.",
            code="line_items_missing",
            fix="Look at the record; where it may have none, set `on_missing` to empty.",
        )
    return [_row(row, bool(params.get("places"))) for row in found.rows]


def _row(row: Row, places: bool) -> dict[str, Any]:
    made: dict[str, Any] = {name: getattr(row, name) for name in _FIELDS}
    if places:
        made |= {"places": dict(row.places), "flags": list(row.flags)}
    return made


def _rich_text(value: Any, params: Mapping[str, Any]) -> Any:
    found = _converted(value)
    wanted = params.get("to", "html")
    if wanted == "losses":
        return [one.to_dict() for one in found.losses]
    return found.text if wanted == "text" else found.html


def _converted(value: Any) -> "RichText":
    # Here and not above: it loads the whole connector, which takes a second that the command
    # line has no use for.
    from connectors.notes.transforms.richtext import convert, convert_dxl, convert_html

    try:
        if type(value) is dict:
            if isinstance(value.get("html"), str) and "losses" in value:
                return convert_html(value["html"])
            return convert(value)
        if type(value) is str:
            return convert_dxl(value) if _kind(value) == "dxl" else convert_html(value)
    except ContractError as error:
        raise FunctionError(str(error), code="rich_text", fix=error.fix) from error
    raise FunctionError(f"Expected rich text, found {describe(value)}.")


def _teaser(value: Any, params: Mapping[str, Any]) -> str:
    """The first words of a content, cut between words."""
    source = " ".join((text_of(value) if type(value) is str else _converted(value).text).split())
    length = int(params["length"])
    if len(source) <= length:
        return source
    cut = source[: length - 1]
    head = cut.rpartition(" ")[0] if source[length - 1] != " " else cut
    return (head or cut).rstrip(" ,;:.–-") + "…"


FUNCTIONS = (
    Function(
        name="line_items",
        title="Order lines",
        summary="The order lines within items, DXL, HTML or plain text as a list of objects: "
        "reference, name, quantity, unit_price, total; what the source lacks is null. Sums, "
        "shipping, tax and vouchers are left out.",
        build=with_params(_line_items),
        params={
            "format": {
                "enum": ["auto", "items", "dxl", "html", "text"],
                "default": "auto",
                "title": "Format",
            },
            "locale": {
                "type": "string",
                "title": "Language",
                "description": "Decides only numbers that the content leaves open.",
                "examples": ["de", "fr_CA"],
            },
            "on_missing": {
                "enum": ["empty", "fail"],
                "default": "empty",
                "title": "No lines found",
                "description": "empty gives an empty list, fail stops the run.",
            },
            "places": {
                "type": "boolean",
                "default": False,
                "title": "With places",
                "description": "Adds where each field was read, and flags.",
            },
        },
        over=Over.WHOLE,
        group=Group.DOCUMENTS,
        takes="any",
        gives="array",
        examples=(
            Example(
                value="2 x Lampe (A-1) à 12,50 €",
                params={"locale": "de"},
                result=[
                    {
                        "reference": "A-1",
                        "name": "Lampe",
                        "quantity": 2,
                        "unit_price": 12.5,
                        "total": None,
                    }
                ],
            ),
            Example(
                value={"ArtNr": ["A-1", "B-2"], "Menge": [2, 1], "Preis": ["12,50", "3,00"]},
                result=[
                    {
                        "reference": "A-1",
                        "name": None,
                        "quantity": 2,
                        "unit_price": 12.5,
                        "total": None,
                    },
                    {
                        "reference": "B-2",
                        "name": None,
                        "quantity": 1,
                        "unit_price": 3,
                        "total": None,
                    },
                ],
            ),
        ),
    ),
    Function(
        name="rich_text",
        title="Rich text",
        summary="A rich-text item of Notes (MIME, HTML or DXL) as clean HTML that a shop takes, as "
        "plain text, or the list of what could not be carried.",
        build=with_params(_rich_text),
        params={"to": {"enum": ["html", "text", "losses"], "default": "html", "title": "As"}},
        over=Over.WHOLE,
        group=Group.DOCUMENTS,
        takes="any",
        examples=(
            Example(
                value="<richtext><par><run><font style='bold'/>Bold</run> text</par></richtext>",
                result="<p><strong>Bold</strong> text</p>",
            ),
            Example(
                value="<p>One<script>alert(1)</script></p>", params={"to": "text"}, result="One"
            ),
        ),
    ),
    Function(
        name="teaser",
        title="Teaser",
        summary="The first words of HTML, rich text or text, for a short description.",
        build=with_params(_teaser),
        params={"length": {"type": "integer", "minimum": 10, "maximum": 5000, "title": "Length"}},
        required=("length",),
        group=Group.DOCUMENTS,
        takes="any",
        examples=(
            Example(
                value="<p>A lamp of brass and glass.</p>",
                params={"length": 16},
                result="A lamp of brass…",
            ),
        ),
    ),
)
