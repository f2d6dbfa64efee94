"""What the benchmarks send: deliveries of a partner's system, signed, to hooks of the HTTP
connector."""

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import Any, Final

from connectors.sdk import codec

SECRET: Final = "the-secret-of-the-benchmark-hook"
SETTINGS: Final = {
    "base_url": "http://127.0.0.1:9",  # nothing is called there
    "id_path": "id",
    "version_path": "version",
    "key_path": "reference",
    "time_path": "at",
}


def order(number: int) -> dict[str, Any]:
    """An order of about 3 KB with five lines."""
    person = {
        "firstname": "Marguerite",
        "lastname": "Vandenberghe",
        "company": "Atelier de la Prairie",
        "address1": "12 rue des Tanneurs",
        "address2": "Escalier B",
        "postcode": "07500",
        "city": "Guilherand-Granges",
        "country_iso": "FR",
        "phone": "+33 4 75 00 00 00",
    }
    lines = [
        {
            "id": str(number * 10 + place),
            "product_id": str(100 + place),
            "product_attribute_id": str(place),
            "reference": f"MEADOW-{place:04}-BLUE",
            "name": f"Hand-printed linen cushion with wild flowers, model {place}, blue",
            "quantity": place,
            "ean13": "3760123456789",
            "unit_price_tax_excl": 20.0 + place,
            "unit_price_tax_incl": 24.0 + place,
        }
        for place in range(1, 6)
    ]
    return {
        "id": str(number),
        "version": "1",
        "at": "2026-11-23T10:21:30+00:00",
        "reference": f"BENCH{number:08}",
        "state": str(2 + number % 3),
        "payment": "Payments by check",
        "currency": {"iso_code": "EUR"},
        "customer": {"id": "7", "email": " Marguerite@Example.COM ", **person},
        "delivery": {"id": "11", **person},
        "invoice": {"id": "12", **person},
        "carrier": {"id": "3", "name": "My carrier"},
        "gift_message": "With the best wishes of the whole family. " * 5,
        "total_paid": 435.5,
        "total_products": 417.5,
        "total_shipping": 18.0,
        "lines": lines,
    }


def small(number: int) -> dict[str, Any]:
    """News of five fields."""
    return {
        "id": str(number),
        "version": "1",
        "at": "2026-11-23T10:21:30+00:00",
        "reference": f"BENCH{number:08}",
        "state": "2",
        "total": 435.5,
    }


def large(number: int) -> dict[str, Any]:
    """An order of about 160 KB."""
    found = order(number)
    line = found["lines"][0]
    found["lines"] = [{**line, "id": str(number * 1000 + place)} for place in range(600)]
    return found


def signed(number: int, document: Mapping[str, Any]) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a delivery, as a far side sends them (Standard Webhooks)."""
    body = codec.dumps(document)
    stamp = str(int(time.time()))
    text = f"d{number}.{stamp}.".encode() + body
    mac = hmac.new(SECRET.encode(), text, hashlib.sha256).digest()
    return body, {
        "webhook-id": f"d{number}",
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + base64.b64encode(mac).decode(),
    }
