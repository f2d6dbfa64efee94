"""The functions of the registry that do what a suggestion proposes, for a field of a mapping."""

from typing import Any

from flows.mapping.functions import FUNCTIONS
from flows.mapping.matcher.made import Transform

_FORMS = {"ISO": None, "DXL": "yyyyMMdd'T'HHmmss"}


def functions_of(made: Transform) -> list[dict[str, Any]]:
    """Entries for `functions` of a field; nothing where a person has to choose, or where the
    connector does it (rich text, order lines, records found by a key)."""
    found: list[dict[str, Any]] = []
    if made.kind == "number":
        found = [{"name": "number", "locale": made.params.get("locale", "en")}]
    elif made.kind == "date":
        form = _FORMS.get(made.params.get("format", ""), made.params.get("format"))
        found = [{"name": "date", **({"in": form} if form else {})}]
    elif made.kind == "bool":
        found = [{"name": "bool", "true": ["1", "true", "yes", "ja", "oui", "x"],
                  "false": ["0", "false", "no", "nein", "non", ""]}]  # fmt: skip
        if made.params.get("invert"):
            found[0]["true"], found[0]["false"] = found[0]["false"], found[0]["true"]
    elif made.kind == "html_text":
        found = [{"name": "html_to_text"}]
    elif made.kind in ("concat", "name_join") and not made.params.get("with"):
        found = [{"name": "join", "separator": made.params.get("separator", " ")}]
    return found if all(one["name"] in FUNCTIONS for one in found) else []
