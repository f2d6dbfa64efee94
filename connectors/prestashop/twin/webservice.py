"""The webservice under /api/: from a request to an answer, without any network."""

import hashlib
from http import HTTPStatus
from typing import Any

from . import json_output, shops, xml_output
from .call import HTML_TYPE, JSON_TYPE, XML_TYPE, Answer, Call
from .effects import Effects
from .errors import FatalError, WebserviceError
from .keys import NoCredentialsError, admit, authorize, may
from .reading import Reader, known
from .record import Record
from .schema import Resource
from .shop import Shop
from .store import Row
from .told import MODULE
from .writing import Writer, Written, typed

REALM = (
    'Basic realm="Welcome to PrestaShop Webservice, please enter the authentication key as the'
    ' login. No password required."'
)
ROOT_VERBS = ("get", "put", "post", "patch", "delete", "head")
UNKNOWN_SHOP = 302
NOT_GRANTED = 26


class Webservice:
    """Answers one request after the other; the store is committed by the caller."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.store = shop.store
        self.world = shop.world
        self.effects = Effects(shop)
        self.names = [one["name"] for one in self.world.root]

    def answer(
        self,
        call: Call,
        *,
        withdrawn: bool = False,
        closed: bool = False,
        quirks: frozenset[str] = frozenset(),
    ) -> Answer:
        """`withdrawn`: keys are switched off; `closed`: the whole webservice is (211); `quirks`:
        faults in what writes do."""
        version = "0"
        try:
            if closed:
                message = (
                    "The PrestaShop webservice is disabled. Please activate it in the PrestaShop"
                    " Back Office"
                )
                raise WebserviceError(503, (22, message))
            key = admit(call, self.world.keys, withdrawn=withdrawn)
            self.shop.hooks.key_id = str(self.world.keys.index(key) + 1)
            version = self.world.version
            answer = self._admitted(call, key, quirks)
        except NoCredentialsError:
            text = b"401 Unauthorized"
            answer = Answer(status=401, body=text, content_type=HTML_TYPE)
            answer.headers["WWW-Authenticate"] = REALM
            return self._with_cookie(answer)
        except WebserviceError as error:
            answer = self._refusal(call, error)
        except FatalError as error:
            body = error.body.encode() if self.world.old else b""
            return self._with_cookie(Answer(status=500, body=body, content_type=HTML_TYPE))
        if answer.status == UNKNOWN_SHOP:
            return answer
        answer.headers["Access-Time"] = str(int(self.shop.clock().timestamp()))
        answer.headers["X-Powered-By"] = "PrestaShop Webservice"
        answer.headers["PSWS-Version"] = version
        answer.headers["Execution-Time"] = "0.01"
        return self._with_cookie(answer)

    def _with_cookie(self, answer: Answer) -> Answer:
        name = f"PrestaShop-{self.shop.token('cookie')}"
        answer.headers["Set-Cookie"] = f"{name}=guest; path=/; HttpOnly; SameSite=Lax"
        return answer

    def _refusal(self, call: Call, error: WebserviceError) -> Answer:
        if call.json:
            body = json_output.dump(json_output.errors(error.errors))
            answer = Answer(status=error.status, body=body, content_type=JSON_TYPE)
        else:
            body = xml_output.document(xml_output.errors(error.errors))
            answer = Answer(status=error.status, body=body, content_type=XML_TYPE)
        known_key = error.errors[0][0] == NOT_GRANTED
        if error.status == HTTPStatus.UNAUTHORIZED and not known_key:
            answer.headers["WWW-Authenticate"] = REALM
        return answer

    def edit(self, call: Call, name: str, value: str) -> None:
        """Somebody else changes a field of the record that a call has read."""
        resource = known(call.resource, old=self.world.old)
        if resource is None or name not in resource.by_name:
            return
        reader = Reader(self.store, self.shop.prices, call, old=self.world.old)
        found = [reader.row(resource)] if call.id else reader.rows(resource)
        row = next((one for one in found if one is not None), None)
        if row is None:
            return
        changed: Row = {name: typed(resource.by_name[name], value)}
        if "date_upd" in resource.by_name:
            changed["date_upd"] = self.shop.now()
        after = self.store.change(resource.name, row["id"], **changed)
        if resource.name == "stock_availables":
            self.shop.stock_changed(row["id"], "admin", row["quantity"])
        elif resource.name in MODULE:
            self.shop.hooks.tell(resource.name, "updated", after, "admin")

    def _admitted(self, call: Call, key: Row, quirks: frozenset[str]) -> Answer:
        try:
            of_shops = shops.asked(call.params, self.store)
        except shops.UnknownShopError:
            rest = "&".join(
                part for part in call.query.split("&") if not part.startswith("id_shop=")
            )
            answer = Answer(status=UNKNOWN_SHOP, content_type=HTML_TYPE)
            answer.headers["Location"] = f"{call.base}/?url={call.resource}&{rest}".rstrip("&")
            return answer
        shops.admit(key, of_shops)
        if not call.resource:
            return self._root(call, key)
        if call.method == "PATCH" and not self.world.patches:
            raise WebserviceError(405, (23, "Method PATCH is not valid"))
        authorize(call, key, self.names)
        resource = known(call.resource, old=self.world.old)
        if resource is None:
            return self._unmodelled(call)
        if call.method in {"GET", "HEAD"}:
            return self._read(call, resource, of_shops)
        writer = Writer(self.store, self.effects, call, old=self.world.old, quirks=quirks)
        if call.method == "DELETE":
            writer.delete(resource)
            return Answer()
        return self._written(call, writer.write(resource))

    def _root(self, call: Call, key: Row) -> Answer:
        if call.json:
            raise FatalError
        text = ""
        for one in self.world.root:
            name, url = one["name"], f"{call.base}/api/{one['name']}"
            if not any(may(key, name, verb.upper()) for verb in ROOT_VERBS):
                continue
            rights = {"xlink:href": url} | {
                verb: "true" if may(key, name, verb.upper()) else "false"
                for verb in ROOT_VERBS
                if verb != "patch" or self.world.patches
            }
            marks = xml_output.attributes(rights)
            text += f"<{name}{marks}>\n<description{marks}>\n{one['description']}</description>\n"
            if one["schema"]:
                text += f'<schema xlink:href="{url}?schema=blank" type="blank"/>\n'
                text += f'<schema xlink:href="{url}?schema=synopsis" type="synopsis"/>\n'
            text += f"</{name}>\n"
        name = xml_output.attributes({"shopName": self.world.shop["name"]})
        return self._xml(call, f"<api{name}>\n{text}</api>\n")

    def _unmodelled(self, call: Call) -> Answer:
        """A resource that the twin knows by name only: nothing in it, nothing to write."""
        if call.method not in {"GET", "HEAD"}:
            message = f"Method {call.method} is not allowed for the resource {call.resource}"
            raise WebserviceError(405, (101, message))
        if call.id:
            return Answer(status=404)
        if call.json:
            return self._json(call, [])
        return self._xml(call, f"<{call.resource}>\n</{call.resource}>\n")

    def _read(self, call: Call, resource: Resource, of_shops: list[int]) -> Answer:
        reader = Reader(self.store, self.shop.prices, call, old=self.world.old, of_shops=of_shops)
        schema = call.params.get("schema")
        if schema in {"blank", "synopsis"} and not call.id:
            languages = [row["id"] for row in self.store.rows("languages")]
            output = xml_output.XmlOutput(call.base, languages)
            text = output.schema(resource, synopsis=schema == "synopsis")
            return self._xml(call, text)
        display = reader.display(resource)
        if call.id:
            row = reader.row(resource)
            if row is None:
                return Answer(status=404)
            shops.by_id(self.store, of_shops, resource.name, row)
            record = reader.record(resource, row, display)
            return self._one(call, record) if display.minimal else self._many(call, [record])
        rows = reader.rows(resource)
        if not display.minimal:
            found = [reader.record(resource, row, display) for row in rows]
            return self._many(call, found, resource.name)
        if call.json:
            listed = [{"id": row["id"]} for row in rows]
            return self._json(call, {resource.name: listed} if listed else [])
        links = xml_output.XmlOutput(call.base).links(resource, [row["id"] for row in rows])
        return self._xml(call, links)

    def _one(self, call: Call, record: Record) -> Answer:
        if call.json:
            return self._json(call, json_output.JsonOutput(old=self.world.old).one(record))
        return self._xml(call, xml_output.XmlOutput(call.base).one(record))

    def _many(self, call: Call, records: list[Record], name: str = "") -> Answer:
        name = name or records[0].resource.name
        if call.json:
            output = json_output.JsonOutput(old=self.world.old)
            return self._json(call, output.many(name, records))
        return self._xml(call, xml_output.XmlOutput(call.base).many(name, records))

    def _written(self, call: Call, written: Written) -> Answer:
        if call.json:
            found = json_output.JsonOutput(old=self.world.old).one(written.record)
            if written.errors:
                found |= json_output.errors(written.errors)
            answer = self._json(call, found)
        else:
            text = xml_output.XmlOutput(call.base).one(written.record)
            if written.errors:
                text += xml_output.errors(written.errors)
            answer = self._xml(call, text)
        answer.status = 201 if call.method == "POST" else 200
        if written.errors:
            answer.status = 500
        return answer

    def _json(self, call: Call, value: Any) -> Answer:
        return self._hashed(call, Answer(body=json_output.dump(value), content_type=JSON_TYPE))

    def _xml(self, call: Call, content: str) -> Answer:
        return self._hashed(call, Answer(body=xml_output.document(content), content_type=XML_TYPE))

    def _hashed(self, call: Call, answer: Answer) -> Answer:
        """`Content-Sha1`, and 304 for a reader who already has this body (050)."""
        digest = hashlib.sha1(answer.body, usedforsecurity=False).hexdigest()
        if call.method == "GET" and call.headers.get("local-content-sha1") == digest:
            answer = Answer(status=304)
        answer.headers["Content-Sha1"] = digest
        return answer
