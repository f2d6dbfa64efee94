"""The flows that are measured."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Final

from connectors.http.triggers import RECEIVED_TYPE

RECORDS: Final = 1000  # that the far side gives at /records

_TRIGGER: Final = {
    "id": "sent",
    "type": RECEIVED_TYPE,
    "name": "Sent",
    "connection": "from",
    "params": {},
}
_DONE: Final = {
    "id": "done",
    "type": "flow.stop@1",
    "name": "Done",
    "params": {"outcome": "{{ trigger.data.reference }} done", "status": "succeeded"},
}


def _document(slug: str, nodes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    ids = [node["id"] for node in nodes]
    return {
        "format": 1,
        "slug": slug,
        "name": slug.title(),
        "description": "",
        "connections": {
            "from": {"connector": "http", "label": "From"},
            "to": {"connector": "http", "label": "To"},
        },
        "settings": {"lane": {"name": slug, "key": "{{ trigger.entity_id }}"}},
        "nodes": list(nodes),
        "edges": [
            {"from": one, "port": "out", "to": other} for one, other in itertools.pairwise(ids)
        ],
    }


def _map(fields: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"id": "to", "type": "data.map@1", "name": "Map", "params": {"fields": list(fields)}}


def echo_flow() -> dict[str, Any]:
    """Webhook, five fields, respond."""
    names = ("id", "reference", "state", "total", "at")
    fields = [{"target": name, "source": f"trigger.data.{name}"} for name in names]
    respond = {
        "id": "respond",
        "type": "flow.respond@1",
        "name": "Respond",
        "params": {"body": "{{ to }}"},
    }
    return _document("echo", [_TRIGGER, _map(fields), respond])


def order_flow() -> dict[str, Any]:
    """Webhook, fifteen fields with totals, a crosswalk and five lines, POST, stop."""
    data = "trigger.data"
    trim, lower = {"name": "trim"}, {"name": "lower"}
    fields: list[dict[str, Any]] = [
        {"target": "OrderNo", "source": f"{data}.reference"},
        {
            "target": "Status",
            "source": f"{data}.state",
            "functions": [
                {
                    "name": "crosswalk",
                    "table": "bench",
                    "direction": "to_left",
                    "on_missing": "fail",
                }
            ],
        },
        {
            "target": "Customer",
            "expression": f"{{{{ {data}.customer.firstname }}}} {{{{ {data}.customer.lastname }}}}",
            "functions": [trim],
        },
        {"target": "EMail", "source": f"{data}.customer.email", "functions": [trim, lower]},
        {
            "target": "Street",
            "expression": f"{{{{ {data}.delivery.address1 }}}} {{{{ {data}.delivery.address2 }}}}",
        },
        {"target": "Postcode", "source": f"{data}.delivery.postcode"},
        {"target": "City", "source": f"{data}.delivery.city"},
        {"target": "Country", "source": f"{data}.delivery.country_iso"},
        {"target": "Currency", "source": f"{data}.currency.iso_code"},
        {"target": "SKU", "source": f"{data}.lines[].reference"},
        {"target": "Text", "source": f"{data}.lines[].name"},
        {"target": "Quantity", "source": f"{data}.lines[].quantity"},
        {
            "target": "Price",
            "source": f"{data}.lines[].unit_price_tax_incl",
            "functions": [{"name": "round", "digits": 2}],
        },
        {
            "target": "Total",
            "expression": f"{{{{ {data}.total_products + {data}.total_shipping }}}}",
            "functions": [{"name": "round", "digits": 2}],
        },
        {"target": "Payment", "source": f"{data}.payment"},
    ]
    post = _post("{{ to }}")
    return _document("order", [_TRIGGER, _map(fields), post, _DONE])


def _post(body: str) -> dict[str, Any]:
    return {
        "id": "post",
        "type": "http.request@1",
        "name": "Post",
        "connection": "to",
        "params": {"method": "POST", "path": "/orders", "body": body},
        "policy": {"timeout": "PT30S", "retry": {"max_attempts": 20, "horizon": "PT6H"}},
    }


def batch_flow() -> dict[str, Any]:
    """GET a thousand records, map ten fields of each, branch, POST them by the hundred."""
    trim, upper = {"name": "trim"}, {"name": "upper"}
    fields: list[dict[str, Any]] = [
        {"target": "Number", "source": "item.id"},
        {"target": "SKU", "source": "item.sku", "functions": [trim, upper]},
        {"target": "Name", "source": "item.name", "functions": [trim]},
        {"target": "Quantity", "source": "item.quantity"},
        {"target": "Price", "source": "item.price", "functions": [{"name": "round", "digits": 2}]},
        {"target": "Value", "expression": "{{ item.price * item.quantity }}"},
        {"target": "Warehouse", "source": "item.place.warehouse"},
        {"target": "Bin", "source": "item.place.bin", "default": ""},
        {"target": "Label", "expression": "{{ item.sku }} / {{ item.place.bin }}"},
        {"target": "Source", "value": "shop"},
    ]
    read = {
        "id": "read",
        "type": "http.request@1",
        "name": "Read",
        "connection": "to",
        "params": {"method": "GET", "path": "/records"},
    }
    mapped = {**_map(fields), "params": {"items": "{{ read.body }}", "fields": fields}}
    any_ = {
        "id": "any",
        "type": "flow.branch@1",
        "name": "Any",
        "params": {"condition": "{{ to['items'] | length > 0 }}"},
    }
    parts = {
        "id": "parts",
        "type": "data.batch@1",
        "name": "Parts",
        "params": {"items": "{{ to['items'] }}", "size": 100},
    }
    each = {
        "id": "each",
        "type": "flow.for_each@1",
        "name": "Each part",
        "params": {"items": "{{ parts.batches }}", "concurrency": 5},
    }
    document = _document("batch", [_TRIGGER, read, mapped, any_])
    document["nodes"] += [parts, each, _post("{{ item }}"), _DONE]
    document["edges"] += [
        {"from": "any", "port": "yes", "to": "parts"},
        {"from": "parts", "port": "out", "to": "each"},
        {"from": "each", "port": "item", "to": "post"},
        {"from": "each", "port": "done", "to": "done"},
    ]
    return document


def wait_flow() -> dict[str, Any]:
    """Webhook, wait for hours, stop."""
    delay = {"id": "wait", "type": "flow.delay@1", "name": "Wait", "params": {"for": "PT6H"}}
    return _document("wait", [_TRIGGER, delay, _DONE])


def all_flows() -> list[dict[str, Any]]:
    return [echo_flow(), order_flow(), batch_flow(), wait_flow()]
