"""What sync nodes take and give, as JSON Schemas."""

from typing import Any, Final

from flows.mapping.document import SCHEMA as FIELDS
from flows.sync.decide import Outcome
from flows.sync.entity import MOST_DELETES, Deletes, Owner
from flows.sync.normalise import Normaliser
from flows.sync.plan import READS, WRITES

_EXPRESSION: Final[dict[str, Any]] = {
    "type": "string",
    "minLength": 1,
    "x-widget": "expression",
}
_ABOUT: Final = {
    "read": "Reads the record; `take` gives the raw record, null where there is none.",
    "find": "Looks for the record that belongs to `values`; `take` gives a list of raw records.",
    "similar": "The same for records that only resemble it: a person has to choose.",
    "create": "Makes the record out of `fields`; `take` gives its id.",
    "update": "Changes `fields` of `id`, if they are still `expected`.",
    "delete": "Deletes `id`.",
    "archive": "Puts `id` aside.",
    "restore": "Takes `id` back from there.",
}


def _call(what: str) -> dict[str, Any]:
    return {
        "type": "object",
        "title": what.capitalize(),
        "description": _ABOUT[what],
        "required": ["operation"],
        "additionalProperties": False,
        "properties": {
            "operation": {"type": "string", "minLength": 1, "maxLength": 120, "title": "Operation"},
            "params": {"type": "object", "title": "Params"},
            "take": {**_EXPRESSION, "title": "Take"},
        },
    }


_SIDE: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["connection", "noun", "id", "read", "map_in", "map_out"],
    "properties": {
        "connection": {"type": "string", "minLength": 1, "title": "Connection slot"},
        "noun": {
            "type": "string",
            "minLength": 1,
            "maxLength": 64,
            "title": "Called there",
            "description": "What the system calls such a record.",
            "examples": ["customer"],
        },
        "news": {
            "type": "array",
            "items": {"type": "string", "minLength": 1, "maxLength": 120},
            "title": "News",
            "description": "Trigger types whose entity_id is the id of the record.",
        },
        "id": {**_EXPRESSION, "title": "Id", "description": "Of a raw record."},
        "changed_at": {
            **_EXPRESSION,
            "title": "Changed at",
            "description": "When a raw record was last changed, with its zone.",
        },
        "label": {**_EXPRESSION, "title": "Label", "description": "What people call it."},
        "held": {
            **_EXPRESSION,
            "title": "Values there",
            "description": "Values of a raw record by the names that map_out writes.",
        },
        "told": {
            **_EXPRESSION,
            "title": "Record in the news",
            "description": "The raw record out of the trigger: an echo then costs no request.",
        },
        **{what: _call(what) for what in (*READS, *WRITES)},
        "map_in": {**FIELDS, "title": "Into the entity", "description": "Sources are in `raw`."},
        "map_out": {
            **FIELDS,
            "title": "Out of the entity",
            "description": "Sources are in `values`; only what differs is written.",
        },
    },
}

RECORD: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["entity", "left", "right", "fields"],
    "properties": {
        "entity": {
            "type": "string",
            "pattern": "^[a-z][a-z0-9_-]{0,63}$",
            "title": "Entity",
            "description": "What is kept the same; links are kept by it.",
            "examples": ["customer"],
        },
        "left": {**_SIDE, "title": "Left side"},
        "right": {**_SIDE, "title": "Right side"},
        "fields": {
            "type": "array",
            "minItems": 1,
            "maxItems": 200,
            "title": "Fields",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]{0,63}$"},
                    "owner": {
                        "enum": [one.value for one in Owner],
                        "default": Owner.MANUAL.value,
                        "title": "Who decides",
                        "description": "Between two changes; `left` and `right` always.",
                    },
                    "expression": {
                        **_EXPRESSION,
                        "title": "Expression",
                        "description": "Over left, right and base.",
                    },
                    "normalise": {
                        "type": "array",
                        "uniqueItems": True,
                        "items": {"enum": [one.value for one in Normaliser]},
                        "title": "No difference",
                    },
                    "set": {"type": "boolean", "default": False, "title": "Set of values"},
                    "country": {
                        "type": "string",
                        "pattern": "^[A-Z]{2}$",
                        "title": "Country of telephone numbers",
                    },
                },
            },
        },
        "deletes": {
            "type": "object",
            "additionalProperties": False,
            "title": "When a record is gone",
            "description": "By the side where it is gone: what becomes of the other one.",
            "properties": {
                side: {
                    "enum": [one.value for one in Deletes],
                    "default": Deletes.ASK.value,
                    "title": f"Gone on the {side}",
                }
                for side in ("left", "right")
            }
            | {
                "most_per_hour": {
                    "type": "integer",
                    "minimum": 0,
                    "maximum": 100_000,
                    "default": MOST_DELETES,
                    "title": "Deletes an hour, at most",
                    "description": "After so many a person is asked instead of propagating.",
                }
            },
        },
        "creates": {
            "type": "array",
            "uniqueItems": True,
            "items": {"enum": ["left", "right"]},
            "default": ["left", "right"],
            "title": "Sides on which records are made",
        },
        "left_id": {
            **_EXPRESSION,
            "title": "Left id",
            "description": "Instead of the trigger's.",
        },
        "right_id": {
            **_EXPRESSION,
            "title": "Right id",
            "description": "Instead of the trigger's.",
        },
    },
}

OUTPUT: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "outcome": {"enum": [one.value for one in Outcome]},
        "link_id": {"type": ["string", "null"]},
        "left_id": {"type": "string"},
        "right_id": {"type": "string"},
        "wrote": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "side": {"enum": ["left", "right"]},
                    "action": {"type": "string"},
                    "fields": {"type": "array", "items": {"type": "string"}},
                    "verdict": {"enum": ["confirmed", "absorbed", "diverged"]},
                },
            },
        },
        "inbox": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Kinds of what was put into the inbox",
        },
        "values": {"type": ["object", "null"], "x-personal": True},
    },
}

FIND_LINK: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["entity", "left", "right"],
    "properties": {
        "entity": RECORD["properties"]["entity"],
        "left": {"type": "string", "minLength": 1, "title": "Connection slot of the left side"},
        "right": {"type": "string", "minLength": 1, "title": "Connection slot of the right side"},
        "left_id": {**_EXPRESSION, "title": "Left id"},
        "right_id": {**_EXPRESSION, "title": "Right id"},
    },
}

LINK_OUTPUT: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "found": {"type": "boolean"},
        "link_id": {"type": ["string", "null"]},
        "state": {"type": ["string", "null"]},
        "left_id": {"type": "string"},
        "right_id": {"type": "string"},
    },
}
