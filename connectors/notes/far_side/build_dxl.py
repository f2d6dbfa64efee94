"""Write causeway.dxl from the sources beside it: forms, views and the two Java agents.

    python connectors/notes/far_side/build_dxl.py [--check]

The friendly dialect of DXL, without XML declaration and DOCTYPE, in ASCII: importers have
mangled code pages. Agents come disabled: an administrator signs and enables them.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

FOLDER = Path(__file__).resolve().parent
TARGET = FOLDER / "causeway.dxl"


def field(name: str, kind: str, help_: str) -> str:
    many = (
        " allowmultivalues='true' listinputseparators='newline' listdisplayseparator='newline'"
        if name in {"WatchedForms", "DocReaders"}
        else ""
    )
    return (
        f"<par def='1'><run>{escape(help_)}: </run>"
        f"<field type={quoteattr(kind)} kind='editable' name={quoteattr(name)}{many}/></par>"
    )


def form(name: str, fields: Sequence[tuple[str, str, str]]) -> str:
    body = "".join(field(*one) for one in fields)
    return (
        f"<form name={quoteattr(name)} publicaccess='false'>"
        f"<body><richtext><pardef id='1'/>{body}</richtext></body></form>"
    )


def view(name: str, formula: str, columns: Sequence[str]) -> str:
    cells = "".join(
        f"<column itemname={quoteattr(one)} width='20'"
        f"{' sort=' + quoteattr('ascending') if at == 0 else ''}>"
        f"<columnheader title={quoteattr(one)}/></column>"
        for at, one in enumerate(columns)
    )
    return (
        f"<view name={quoteattr(name)} publicaccess='false'>"
        f"<code event='selection'><formula>{escape(formula)}</formula></code>{cells}</view>"
    )


def java_agent(name: str, comment: str, trigger: str, documents: str, main: str) -> str:
    sources = "".join(
        f"<java name={quoteattr(one + '.java')}>"
        f"{escape((FOLDER / 'java' / f'{one}.java').read_text(encoding='ascii'))}</java>"
        for one in (main, "CausewayCore")
    )
    return (
        f"<agent name={quoteattr(name)} comment={quoteattr(comment)} enabled='false'"
        f" publicaccess='false' restrictions='unrestricted'>{trigger}"
        f"<documentset type={quoteattr(documents)}/>"
        f"<code event='action'><javaproject class={quoteattr(main + '.class')}>{sources}"
        "</javaproject></code></agent>"
    )


def build() -> str:
    parts = [
        form(
            "CausewayConfiguration",
            [
                ("Address", "text", "Hook address of the connection in Causeway"),
                ("Secret", "text", "Webhook secret of the connection"),
                ("WatchedForms", "text", "Form|key item|synced items, one a line"),
                ("DocReaders", "readers", "Readers: the signer of the agents, administrators"),
            ],
        ),
        form(
            "CausewayOutbox",
            [
                ("EventId", "text", "Event"),
                ("State", "text", "State"),
                ("Attempts", "number", "Attempts"),
                ("Due", "datetime", "Due"),
                ("Answer", "text", "Last answer"),
                ("Body", "text", "Body"),
            ],
        ),
        view("(CausewayConfiguration)", 'SELECT Form = "CausewayConfiguration"', ["Address"]),
        view(
            "(CausewayOutbox)",
            'SELECT Form = "CausewayOutbox" & State != "dead"',
            ["Due", "EventId", "State", "Attempts"],
        ),
        view(
            "Causeway\\Refused",
            'SELECT Form = "CausewayOutbox" & State = "dead"',
            ["Due", "EventId", "Answer", "Attempts"],
        ),
        java_agent(
            "Causeway Capture",
            "Writes changed documents to the outbox",
            "<trigger type='docupdate'><schedule type='automatic' runlocation='choose'/></trigger>",
            "modified",
            "CausewayCapture",
        ),
        java_agent(
            "Causeway Deliver",
            "Sends the outbox to Causeway, signed",
            "<trigger type='scheduled'>"
            "<schedule type='byminutes' hours='0' minutes='5' runlocation='choose'/></trigger>",
            "all",
            "CausewayDeliver",
        ),
    ]
    return "<database xmlns='http://www.lotus.com/dxl'>\n" + "\n".join(parts) + "\n</database>\n"


def main() -> int:
    text = build()
    if "--check" not in sys.argv[1:]:
        TARGET.write_text(text, encoding="ascii")
        return 0
    if TARGET.exists() and TARGET.read_text(encoding="ascii") == text:
        return 0
    sys.stderr.write(f"{TARGET} is not what its sources make: run this without --check\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
