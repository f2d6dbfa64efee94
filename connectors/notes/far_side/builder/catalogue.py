"""Our design elements. Java and LotusScript agents have the same names: one kind is installed."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from connectors.notes.far_side.builder.elements import (
    Agent,
    Column,
    Element,
    Field,
    Form,
    Library,
    Schedule,
    Subform,
    View,
)

SOURCES = Path(__file__).resolve().parents[1]
Variant = Literal["java", "lotusscript"]
# name, comment, trigger, minutes, documents, Java class, LotusScript file
_AGENTS: tuple[tuple[str, str, Schedule, Literal["modified", "all", "runonce"], str, str], ...] = (
    (
        "Causeway Capture",
        "Writes changed documents to the outbox",
        Schedule(trigger="docupdate"),
        "modified",
        "CausewayCapture",
        "capture",
    ),
    (
        "Causeway Deliver",
        "Sends the outbox to Causeway and clears what was sent long ago",
        Schedule(trigger="scheduled", minutes=5),
        "all",
        "CausewayDeliver",
        "deliver",
    ),
    (
        "(Causeway Saved)",
        "Called by PostSave of watched forms in the Notes client",
        Schedule(trigger="agentlist"),
        "runonce",
        "CausewaySaved",
        "saved",
    ),
    (
        "(Causeway Deleted)",
        "Called by Querydocumentdelete of the database script",
        Schedule(trigger="agentlist"),
        "runonce",
        "CausewayDeleted",
        "deleted",
    ),
    (
        "(Causeway Web Save)",
        "Called by WebQuerySave of watched forms",
        Schedule(trigger="agentlist"),
        "runonce",
        "CausewayWebSave",
        "web-save",
    ),
)


def elements(variant: Variant) -> Sequence[Element]:
    """All of one variant, in the order of import: what others need comes first."""
    found: list[Element] = [*_forms(), *_views(), _events()]
    if variant == "lotusscript":
        found.append(Library(name="Causeway", script=script("causeway")))
        found.append(Library(name="CausewayJson", script=script("causewayjson")))
    for name, comment, schedule, documents, main, file in _AGENTS:
        found.append(
            Agent(
                name=name,
                comment=comment,
                schedule=schedule,
                documents=documents,
                java=java(main) if variant == "java" else (),
                script=script(file) if variant == "lotusscript" else "",
            )
        )
    found.append(_endpoint(variant))
    found.append(
        Agent(
            name="Causeway\\Send again",
            comment="Puts the selected refused deliveries back into the outbox",
            schedule=Schedule(trigger="actionsmenu"),
            documents="selected",
            level=1,
            formula='SELECT Form = "CausewayOutbox" & State = "dead";\n'
            'FIELD State := "new";\nFIELD Attempts := 0;\nFIELD Due := @Now;\n',
        )
    )
    return found


def _endpoint(variant: Variant) -> Agent:
    return Agent(
        name="causeway",
        comment="Answers Causeway where neither Domino Data Service nor the REST API is enabled",
        schedule=Schedule(trigger="agentlist"),
        documents="runonce",
        as_web_user=True,
        java=java("CausewayEndpoint") if variant == "java" else (),
        script=script("endpoint") if variant == "lotusscript" else "",
    )


def script(name: str) -> str:
    return (SOURCES / "lotusscript" / f"{name}.lss").read_text(encoding="ascii")


def java(main: str) -> tuple[tuple[str, str], ...]:
    """The class and all others of ours that it needs, itself first: an agent carries its own."""
    sources: dict[str, str] = {}
    wanted = [main]
    while wanted:
        name = wanted.pop(0)
        if name in sources:
            continue
        sources[name] = (SOURCES / "java" / f"{name}.java").read_text(encoding="ascii")
        wanted += sorted(set(re.findall(r"\bCauseway[A-Z]\w*", sources[name])) & _classes())
    rest = sorted(set(sources) - {main})
    return tuple((name, sources[name]) for name in (main, *rest))


def _classes() -> set[str]:
    return {one.stem for one in (SOURCES / "java").glob("*.java")}


def _forms() -> list[Form]:
    return [
        Form(
            name="CausewayConfiguration",
            fields=(
                Field(name="Address", kind="text", label="Hook address of the connection"),
                Field(name="Secret", kind="text", label="Webhook secret of the connection"),
                Field(
                    name="WatchedForms",
                    kind="text",
                    label="Form|key item|synced items, one a line",
                    is_list=True,
                ),
                Field(
                    name="Since",
                    kind="datetime",
                    label="What was saved before is no news",
                    default="@Now",
                ),
                _number("BatchSize", "Deliveries of one run", 100),
                _number("RunSeconds", "Seconds of one run, below the server's limit", 180),
                _number("LingerSeconds", "Seconds that a delivery waits for more; 0: none", 0),
                _number("SettleSeconds", "Seconds until a web form counts as saved", 5),
                _number("TimeoutSeconds", "Seconds until an answer must have come", 10),
                _number("MaxAttempts", "Attempts until a delivery is given up", 20),
                _number("KeepDays", "Days until sent entries and logs are removed", 7),
                Field(
                    name="AllowSecret",
                    kind="text",
                    label="1: the endpoint takes the bare secret too (weaker)",
                ),
                Field(
                    name="DocReaders",
                    kind="readers",
                    label="Readers: the signer of the agents, the user of Causeway, administrators",
                    is_list=True,
                ),
            ),
        ),
        Form(
            name="CausewayOutbox",
            fields=(
                Field(name="EventId", kind="text", label="Event"),
                Field(name="Unid", kind="text", label="Document"),
                Field(name="Kind", kind="text", label="Kind"),
                Field(name="Path", kind="text", label="Path"),
                Field(name="Hash", kind="text", label="Hash"),
                Field(name="State", kind="text", label="State: new, retry, sent or dead"),
                Field(name="Attempts", kind="number", label="Attempts"),
                Field(name="Captured", kind="datetime", label="Captured"),
                Field(name="Due", kind="datetime", label="Due"),
                Field(name="Finished", kind="datetime", label="Finished"),
                Field(name="Answer", kind="text", label="Last answer"),
                Field(name="Body", kind="text", label="Body"),
            ),
        ),
        Form(
            name="CausewayLog",
            fields=(
                Field(name="Agent", kind="text", label="Agent"),
                Field(name="Server", kind="text", label="Server"),
                Field(name="Started", kind="datetime", label="Started"),
                Field(name="Finished", kind="datetime", label="Kept from"),
                Field(name="Seconds", kind="number", label="Seconds"),
                Field(name="Taken", kind="number", label="Events captured"),
                Field(name="Echoes", kind="number", label="Causeway's own writes passed over"),
                Field(name="Told", kind="number", label="States told before"),
                Field(name="Sent", kind="number", label="Sent"),
                Field(name="Retried", kind="number", label="To be tried again"),
                Field(name="Refused", kind="number", label="Given up"),
                Field(name="Lines", kind="text", label="What was said", is_list=True),
            ),
        ),
    ]


def _number(name: str, label: str, usual: int) -> Field:
    return Field(name=name, kind="number", label=label, default=str(usual))


def _views() -> list[View]:
    return [
        View(
            name="(CausewayConfiguration)",
            selection='SELECT Form = "CausewayConfiguration"',
            columns=(Column(item="Address", title="Address", sort="ascending"),),
        ),
        View(
            name="(CausewayOutbox)",
            selection='SELECT Form = "CausewayOutbox" & (State = "new" | State = "retry")',
            columns=(
                Column(item="Due", title="Due", sort="ascending"),
                Column(item="Captured", title="Captured", sort="ascending"),
                Column(item="EventId", title="Event"),
                Column(item="State", title="State"),
                Column(item="Attempts", title="Attempts"),
                Column(item="Answer", title="Last answer"),
            ),
        ),
        View(
            name="(CausewayTold)",
            selection='SELECT Form = "CausewayOutbox"',
            columns=(
                Column(item="Unid", title="Document", sort="ascending"),
                Column(item="Captured", title="Captured", sort="descending"),
                Column(item="Hash", title="Hash"),
            ),
        ),
        View(
            name="(CausewayFinished)",
            selection='SELECT (Form = "CausewayOutbox" & State = "sent") | Form = "CausewayLog"',
            columns=(Column(item="Finished", title="Finished", sort="ascending"),),
        ),
        View(
            name="(CausewayByExternalKey)",
            selection="SELECT @IsAvailable(ExternalKey) & !@IsAvailable($Conflict)",
            columns=(
                Column(item="ExternalKey", title="ExternalKey", sort="ascending"),
                Column(item="Form", title="Form"),
                Column(item="SyncRev", title="SyncRev"),
            ),
            data_service=True,
        ),
        View(
            name="Causeway\\Refused",
            selection='SELECT Form = "CausewayOutbox" & State = "dead"',
            columns=(
                Column(item="Due", title="Due", sort="ascending"),
                Column(item="EventId", title="Event"),
                Column(item="Answer", title="Last answer"),
                Column(item="Attempts", title="Attempts"),
            ),
        ),
        View(
            name="Causeway\\Log",
            selection='SELECT Form = "CausewayLog"',
            columns=(
                Column(item="Started", title="Started", sort="descending"),
                Column(item="Agent", title="Agent"),
                Column(item="Taken", title="Captured"),
                Column(item="Sent", title="Sent"),
                Column(item="Retried", title="Again"),
                Column(item="Refused", title="Given up"),
                Column(item="Lines", title="What was said"),
            ),
        ),
    ]


def _events() -> Subform:
    return Subform(
        name="CausewayEvents",
        note="Tells Causeway of saves in the Notes client. Insert into each watched form.",
        script=script("form-events"),
    )
