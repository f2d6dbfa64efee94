"""All files of a variant: one DXL for the importer, and the layout of an On-Disk Project."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, get_args

from lxml import etree

from connectors.notes.far_side.builder.catalogue import Variant, elements
from connectors.notes.far_side.builder.dxl import NAMESPACE, NSMAP, dxl, text_of
from connectors.notes.far_side.builder.elements import (
    Agent,
    Element,
    Form,
    Library,
    Subform,
    View,
)

VARIANTS: Final[tuple[Variant, ...]] = get_args(Variant)
# Folder and ending by element, as Designer 8.5.3 and later lay a project out on disk.
_PLACES: Final[Mapping[type[Element], tuple[str, str]]] = {
    Form: ("Forms", "form"),
    Subform: ("SharedElements/Subforms", "subform"),
    View: ("Views", "view"),
}


def all_files() -> Mapping[str, str]:
    """Path to ASCII text, of both variants; the same sources make the same files."""
    found: dict[str, str] = {}
    for variant in VARIANTS:
        notes = elements(variant)
        found[f"causeway-{variant}.dxl"] = database(notes)
        for path, text in on_disk(notes):
            found[f"odp-{variant}/{path}"] = text
    return found


def database(notes: Sequence[Element]) -> str:
    """For a bulk import: one root, no XML declaration, no DOCTYPE."""
    root = etree.Element(f"{{{NAMESPACE}}}database", nsmap=NSMAP)
    root.text = "\n"
    for one in notes:
        note = dxl(one)
        note.tail = "\n"
        root.append(note)
    return text_of(root) + "\n"


def on_disk(notes: Sequence[Element]) -> Iterator[tuple[str, str]]:
    for one in notes:
        if isinstance(one, Library):
            path = f"Code/ScriptLibraries/{one.name}.lss"
            yield path, one.script
            yield f"{path}.metadata", _metadata(one)
        else:
            note = dxl(one)
            tag = etree.QName(note).localname
            head = f"<?xml version='1.0' encoding='utf-8'?>\n<!DOCTYPE {tag} SYSTEM"
            yield _path(one), f"{head} 'xmlschemas/domino_9_0_1.dtd'>\n{text_of(note)}\n"


def _path(one: Element) -> str:
    # A cascade A\B is one file name in which Designer writes the backslash as an escape.
    name = one.name.replace("\\", "_5c")
    if isinstance(one, Agent):
        ending = "ja" if one.java else "fa" if one.formula else "lsa"
        return f"Code/Agents/{name}.{ending}"
    folder, ending = _PLACES[type(one)]
    return f"{folder}/{name}.{ending}"


def _metadata(library: Library) -> str:
    """The note around a plain .lss, with the flags of a LotusScript library."""
    note = etree.Element(f"{{{NAMESPACE}}}note", {"class": "filter"}, nsmap=NSMAP)
    for name, value, signed in (
        ("$TITLE", library.name, True),
        ("$Flags", "s34Q", False),
        ("$PublicAccess", "1", True),
    ):
        attributes = {"name": name, **({"sign": "true"} if signed else {})}
        item = etree.SubElement(note, f"{{{NAMESPACE}}}item", attributes)
        etree.SubElement(item, f"{{{NAMESPACE}}}text").text = value
    return f"<?xml version='1.0' encoding='UTF-8'?>\n{text_of(note)}\n"
