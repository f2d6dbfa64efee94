"""Design elements in the friendly dialect of DXL.

Names and values as in HCL's guide to the DXL of Domino 14.5 (`domino_14_5.dtd`) and as Designer
8.5.3 to 9.0.1 export them. ASCII, since importers have mangled code pages.
"""

from functools import singledispatch
from typing import Any, Final

from lxml import etree

from connectors.notes.far_side.builder.elements import (
    Agent,
    Column,
    Element,
    Field,
    Form,
    Library,
    Subform,
    View,
)
from connectors.notes.far_side.builder.events import events

NAMESPACE: Final = "http://www.lotus.com/dxl"
# The default namespace has no prefix, which the stubs of lxml do not foresee.
NSMAP: Final[Any] = {None: NAMESPACE}
_LEVELS = {1: "restricted", 2: "unrestricted"}


def text_of(element: etree._Element) -> str:
    return etree.tostring(element, encoding="ascii", xml_declaration=False).decode("ascii")


def _new(tag: str, **attributes: str) -> etree._Element:
    return etree.Element(f"{{{NAMESPACE}}}{tag}", attributes, nsmap=NSMAP)


def _add(parent: etree._Element, tag: str, text: str = "", **attributes: str) -> etree._Element:
    child = etree.SubElement(parent, f"{{{NAMESPACE}}}{tag}", attributes)
    if text:
        child.text = text
    return child


def _code(parent: etree._Element, event: str, kind: str, text: str) -> None:
    _add(_add(parent, "code", event=event), kind, text)


@singledispatch
def dxl(element: Element) -> etree._Element:
    """One design element. Raises `TypeError` for what is none."""
    raise TypeError(f"{type(element).__name__} is no design element")


@dxl.register
def _(form: Form) -> etree._Element:
    note = _new("form", name=form.name, publicaccess="false")
    rich = _add(_add(note, "body"), "richtext")
    _add(rich, "pardef", id="1")
    for one in form.fields:
        _field(_add(rich, "par", **{"def": "1"}), one)
    return note


def _field(par: etree._Element, field: Field) -> None:
    _add(par, "run", f"{field.label}: ")
    many = {
        "allowmultivalues": "true",
        "listinputseparators": "newline",
        "listdisplayseparator": "newline",
    }
    found = _add(
        par,
        "field",
        type=field.kind,
        kind="editable",
        name=field.name,
        **(many if field.is_list else {}),
    )
    if field.default:
        _code(found, "defaultvalue", "formula", field.default)


@dxl.register
def _(subform: Subform) -> etree._Element:
    note = _new("subform", name=subform.name)
    for event, script in events(subform.script).items():
        _code(note, event, "lotusscript", script)
    rich = _add(_add(note, "body"), "richtext")
    # Seen in Designer alone.
    _add(rich, "pardef", id="1", hide="notes web")
    _add(_add(rich, "par", **{"def": "1"}), "run", subform.note)
    return note


@dxl.register
def _(view: View) -> etree._Element:
    hidden = view.name.startswith("(")
    note = _new(
        "view",
        name=view.name,
        showinmenu="false" if hidden else "true",
        publicaccess="false",
        unreadmarks="none",
    )
    _code(note, "selection", "formula", view.selection)
    for one in view.columns:
        _column(note, one)
    if view.data_service:
        _add(_add(note, "item", name="$WebFlags"), "text", "A")
    return note


def _column(note: etree._Element, column: Column) -> None:
    sort = {"sort": column.sort} if column.sort else {}
    found = _add(note, "column", itemname=column.item, width="20", **sort)
    _add(found, "columnheader", title=column.title)


@dxl.register
def _(agent: Agent) -> etree._Element:
    by_hand = agent.schedule.trigger in {"agentlist", "actionsmenu"}
    attributes = {
        "name": agent.name,
        "comment": agent.comment,
        "enabled": "true" if by_hand else "false",
        "publicaccess": "false",
        "restrictions": _LEVELS[agent.level],
    }
    if agent.as_web_user:
        attributes["runaswebuser"] = "true"
    if agent.formula:
        attributes["formulatype"] = "modifydocs"
    note = _new("agent", **attributes)
    trigger = _add(note, "trigger", type=agent.schedule.trigger)
    if agent.schedule.trigger == "docupdate":
        _add(trigger, "schedule", type="automatic", runlocation="choose")
    elif agent.schedule.trigger == "scheduled":
        minutes = str(agent.schedule.minutes)
        _add(
            trigger, "schedule", type="byminutes", hours="0", minutes=minutes, runlocation="choose"
        )
    _add(note, "documentset", type=agent.documents)
    if agent.java:
        main = agent.java[0][0]
        project = _add(
            _add(note, "code", event="action"), "javaproject", **{"class": f"{main}.class"}
        )
        for name, source in agent.java:
            _add(project, "java", source, name=f"{name}.java")
    elif agent.formula:
        action = _add(_add(note, "code", event="action"), "simpleaction", action="runformula")
        _add(action, "formula", agent.formula)
    else:
        for event, script in events(agent.script).items():
            _code(note, event, "lotusscript", script)
    return note


@dxl.register
def _(library: Library) -> etree._Element:
    note = _new("scriptlibrary", name=library.name)
    for event, script in events(library.script).items():
        _code(note, event, "lotusscript", script)
    return note
