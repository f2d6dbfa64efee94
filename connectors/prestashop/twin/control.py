"""The control plane under /_twin/: seeing the shop, buying in it, breaking it, listening to it."""

import json
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .delivery import Sender
from .faults import DEFAULTS, KINDS, Faults
from .front_office import FrontOffice, OrderRefusedError
from .hooks import HOOKS, Hooks
from .request_log import RequestLog
from .sandbox import Sandbox
from .shop import Shop
from .told import EVENTS


class ControlError(Exception):
    """Answered as 400 with the text."""


class Control:
    def __init__(
        self,
        *,
        shop: Shop,
        hooks: Hooks,
        faults: Faults,
        sender: Sender,
        log: RequestLog,
    ) -> None:
        self.shop = shop
        self.store = shop.store
        self.hooks = hooks
        self.faults = faults
        self.sender = sender
        self.log = log
        self.sandbox = Sandbox(shop)
        self.front = FrontOffice(shop, faults)

    def routes(self) -> list[Route]:
        return [
            Route("/_twin/health", self.health, methods=["GET"]),
            Route("/_twin/state", self.state, methods=["GET"]),
            Route("/_twin/reset", self.reset, methods=["POST"]),
            Route("/_twin/faults", self.show_faults, methods=["GET"]),
            Route("/_twin/faults", self.change_faults, methods=["POST"]),
            Route("/_twin/hooks", self.show_hooks, methods=["GET"]),
            Route("/_twin/hooks", self.add_hook, methods=["POST"]),
            Route("/_twin/hooks", self.remove_hook, methods=["DELETE"]),
            Route("/_twin/orders", self.place_order, methods=["POST"]),
            Route("/_twin/recorded-order", self.place_recorded, methods=["POST"]),
            Route("/_twin/requests", self.requests, methods=["GET"]),
        ]

    async def health(self, request: Request) -> Response:
        return JSONResponse({"status": "ok", "twin": "prestashop", "world": self.shop.world.name})

    async def state(self, request: Request) -> Response:
        """`?orders=20` shows the newest 20 only."""
        text = request.query_params.get("orders", "")
        found = self.sandbox.everything(int(text) if text.isdigit() else None)
        found["faults"] = self.faults.active
        found["hooks"] = self._hooks()
        found["deliveries"] = {
            "pending": self.sender.pending,
            "delivered": self.sender.delivered,
            "failed_attempts": self.sender.failed_attempts,
            "given_up": self.sender.given_up,
            "last_failure": self.sender.last_failure,
        }
        return JSONResponse(found)

    async def reset(self, request: Request) -> Response:
        """Back to the world as it was; hooks stay registered, faults end."""
        self.sender.forget()
        self.shop.world.fill(self.store)
        return JSONResponse({"status": "reset"})

    async def show_faults(self, request: Request) -> Response:
        return JSONResponse({"faults": self.faults.active, "kinds": KINDS, "defaults": DEFAULTS})

    async def change_faults(self, request: Request) -> Response:
        body = await self._body(request)
        try:
            self.faults.change(body)
        except ValueError as error:
            raise ControlError(str(error)) from error
        self.store.commit()
        return JSONResponse({"faults": self.faults.active})

    def _hooks(self) -> list[dict[str, Any]]:
        """Registered hooks, without their secrets."""
        return [{"url": one["url"], "events": one["events"]} for one in self.store.rows(HOOKS)]

    async def show_hooks(self, request: Request) -> Response:
        return JSONResponse({"hooks": self._hooks()})

    async def add_hook(self, request: Request) -> Response:
        body = await self._body(request)
        url, secret = body.get("url"), body.get("secret")
        if not isinstance(url, str) or urlsplit(url).scheme not in {"http", "https"}:
            raise ControlError("url is an http(s) address.")
        if not isinstance(secret, str) or not secret:
            raise ControlError("secret is a text.")
        events = body.get("events") or list(EVENTS)
        if not isinstance(events, list) or not set(events) <= set(EVENTS):
            raise ControlError(f"events are some of {', '.join(EVENTS)}.")
        if body.get("replace"):
            for other in [one["url"] for one in self._hooks() if one["url"] != url]:
                self.hooks.remove(other)
        self.hooks.register(url, secret, events, str(body.get("own_key") or "1"))
        self.store.commit()
        return JSONResponse({"hooks": self._hooks()}, status_code=201)

    async def remove_hook(self, request: Request) -> Response:
        found = self.hooks.remove(str((await self._body(request)).get("url")))
        self.store.commit()
        return JSONResponse({"hooks": self._hooks()}, status_code=200 if found else 404)

    async def place_order(self, request: Request) -> Response:
        body = await self._body(request)
        return self._placed(request, lambda: self.front.place(body))

    async def place_recorded(self, request: Request) -> Response:
        return self._placed(request, self.front.place_recorded)

    def _placed(self, request: Request, place: Any) -> Response:
        self.hooks.base = str(request.base_url).rstrip("/")
        try:
            order = place()
        except OrderRefusedError as error:
            return JSONResponse({"error": str(error)}, status_code=409)
        finally:
            self.store.commit()
        return JSONResponse(self.sandbox.order(order), status_code=201)

    async def requests(self, request: Request) -> Response:
        text = request.query_params.get("since", "0")
        number = int(text) if text.isdigit() else 0
        return JSONResponse({"requests": self.log.since(number), "last": self.log.number})

    async def _body(self, request: Request) -> dict[str, Any]:
        try:
            found = json.loads(await request.body() or b"{}")
        except ValueError as error:
            raise ControlError("The body is not JSON.") from error
        if not isinstance(found, dict):
            raise ControlError("The body is a JSON object.")
        return found


async def refused(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, status_code=400)
