"""The shop's module: its own tests in PHP, the oldest syntax, the race of senders, and a delivery
over HTTP that the connector reads."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from connectors.prestashop import CONNECTOR
from connectors.prestashop.tests.recorded import RecordedShop, context
from connectors.sdk.standard_webhooks import TEST_EVENT, verify
from connectors.sdk.trigger import SourceEvent

HERE = Path(__file__).parent
PHP = HERE / "php"
FAR_SIDE = HERE.parents[1] / "far_side"
SOURCES = sorted((FAR_SIDE / "causeway").rglob("*.php"))
SECRET = "whsec_" + "c2VjcmV0IG9mIGJvdGggc2lkZXMgIQ=="


def _lacks() -> str:
    """What a PHP of this machine lacks for these tests; '' for nothing."""
    if shutil.which("php") is None:
        return "PHP is not installed; apt-get install php-cli php-sqlite3 php-curl"
    told = subprocess.run(["php", "-m"], capture_output=True, text=True, check=False).stdout
    missing = {"pdo_sqlite", "curl", "tokenizer"} - set(told.lower().split())
    return f"this PHP lacks {', '.join(sorted(missing))}" if missing else ""


LACKS = _lacks()
needs_php = pytest.mark.skipif(bool(LACKS), reason=LACKS or "never")


def php(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["php", "-d", "display_errors=stderr", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, **variables},
    )


@needs_php
@pytest.mark.parametrize("part", ["pure", "outbox", "hooks", "setup", "afterwards"])
def test_the_modules_own_tests(part: str) -> None:
    """On SQLite, or on the MySQL or MariaDB that CAUSEWAY_TEST_DSN names."""
    found = php(str(PHP / f"{part}.php"))
    assert found.returncode == 0, found.stdout + found.stderr
    assert " 0 failed" in found.stdout


@needs_php
def test_cron_delivers_with_the_right_token_only() -> None:
    told = php(str(PHP / "cron.php"), "the-token", "the-token")
    assert json.loads(told.stdout) == {"sent": 0, "waiting": 1, "failed": 0}, told.stderr
    for given, kept in (("another", "the-token"), ("", "the-token"), ("", "")):
        refused = php(str(PHP / "cron.php"), given, kept)
        assert list(json.loads(refused.stdout)) == ["error"]


@needs_php
def test_nothing_newer_than_php_7_2() -> None:
    found = php(str(PHP / "syntax.php"), *map(str, SOURCES))
    assert (found.returncode, found.stdout) == (0, "")
    for one in SOURCES:
        read = php("-l", str(one))
        assert read.returncode == 0, read.stdout + read.stderr


@needs_php
@pytest.mark.parametrize(
    "newer",
    [
        "$f = fn($x) => $x;",
        "$a ??= 1;",
        "$b = match($a) { 1 => 2 };",
        "$c = $a?->b;",
        "class A { private int $x; }",
        "class A { private ?Foo $x; }",
        "class A { public static array $x; }",
        "class A { function __construct(private $x) {} }",
        "f(1, 2,);",
        "isset($a, $b,);",
        "function g($a, $b,) {}",
        "f(name: 1);",
        "$x = [...$a];",
        "$x = f(...);",
        "$x = $a ?? throw new E();",
        "try {} catch (E) {}",
        "function h(int|string $x) {}",
        "function h(): mixed {}",
        "function h(): static {}",
        "$x = 1_000;",
        "$x = $a::class;",
        "str_contains($a, $b);",
        "json_encode($a, JSON_THROW_ON_ERROR);",
        "#[Attr] class B {}",
        "enum Suit { case Hearts; }",
        "$x = <<<E\n  text\n  E;",
    ],
)
def test_what_is_newer_is_found(newer: str, tmp_path: Path) -> None:
    file = tmp_path / "newer.php"
    file.write_text(f"<?php\n{newer}\n")
    found = php(str(PHP / "syntax.php"), str(file))
    assert found.returncode == 1, newer


@needs_php
def test_what_is_old_enough_is_let_be(tmp_path: Path) -> None:
    file = tmp_path / "old.php"
    file.write_text(
        "<?php\nclass A { private static $x; public function f(?int $a, ...$b): ?string {"
        " list($a, , $c) = [1, 2, 3]; g(...$b); try {} catch (E | F $e) { throw $e; }"
        " return $a ? B::C : null; } }\n$f = function ($x) use ($y) { switch (1) { default: } };"
    )
    found = php(str(PHP / "syntax.php"), str(file))
    assert (found.returncode, found.stdout) == (0, "")


def test_the_dictionaries_are_what_the_list_makes() -> None:
    built = subprocess.run(
        [sys.executable, str(FAR_SIDE / "build_translations.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr


def test_every_folder_of_the_module_is_closed_to_visitors() -> None:
    folders = {one.parent for one in (FAR_SIDE / "causeway").rglob("*") if one.is_file()}
    assert not [str(one) for one in folders if not (one / "index.php").is_file()]
    guarded = [one for one in SOURCES if one.name != "index.php"]
    assert not [str(one) for one in guarded if "defined('_PS_VERSION_')" not in one.read_text()]


@needs_php
def test_four_senders_at_once_send_everything_once(tmp_path: Path) -> None:
    dsn = f"sqlite:{tmp_path / 'shop.db'}"
    made = php(str(PHP / "race.php"), "make", CAUSEWAY_TEST_DSN=dsn)
    assert made.returncode == 0, made.stdout + made.stderr
    senders = [
        subprocess.Popen(
            ["php", "-d", "display_errors=stderr", str(PHP / "race.php"), "send"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "CAUSEWAY_TEST_DSN": dsn},
        )
        for _ in range(4)
    ]
    sent: list[str] = []
    for one in senders:
        out, err = one.communicate(timeout=90)
        assert one.returncode == 0, err
        sent += out.split()
    assert len(sent) == len(set(sent)) == 60


@needs_php
def test_however_many_write_and_send_the_last_word_of_each_record_is_its_state(
    tmp_path: Path,
) -> None:
    """Three that write, two that send and sometimes fail; no change is left untold, and of one
    record nothing overtakes."""
    dsn = os.environ.get("CAUSEWAY_TEST_DSN") or f"sqlite:{tmp_path / 'shop.db'}"

    def storm(*arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["php", "-d", "display_errors=stderr", str(PHP / "storm.php"), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "CAUSEWAY_TEST_DSN": dsn},
        )

    def lines(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
        out, err = process.communicate(timeout=100)
        assert process.returncode == 0, out + err
        return [json.loads(line) for line in out.splitlines()]

    lines(storm("make"))
    senders = [storm("send", "3") for _ in range(2)]
    for writer in [storm("write") for _ in range(3)]:
        lines(writer)
    senders.append(storm("send", "0"))
    sent = [one for sender in senders for one in lines(sender)]
    last = {one["id"]: one["paid"] for one in sorted(sent, key=lambda one: one["at"])}
    assert last == {one["id"]: one["paid"] for one in lines(storm("state"))}


class Shelf(BaseHTTPRequestHandler):
    """Keeps what it gets."""

    got: ClassVar[list[tuple[dict[str, str], bytes]]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(202)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def shelf() -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    class Here(Shelf):
        got: ClassVar[list[tuple[dict[str, str], bytes]]] = []

    server = ThreadingHTTPServer(("127.0.0.1", 0), Here)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hooks/a-token-of-ours", Here.got
    server.shutdown()
    server.server_close()


@needs_php
def test_what_php_signs_and_sends_the_connector_reads(
    shelf: tuple[str, list[tuple[dict[str, str], bytes]]],
) -> None:
    address, got = shelf
    done = php(str(PHP / "deliver.php"), address, SECRET)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["test"] == 202
    read = CONNECTOR.read_hook
    assert read is not None
    connection = context(RecordedShop(version="9.1")).connection
    events: list[SourceEvent] = []
    ids = [
        verify(secrets=SECRET, headers=headers, body=body, now=datetime.now(UTC))
        for headers, body in got
    ]
    assert len(ids) == len(set(ids))
    bodies = [json.loads(body) for _, body in got]
    assert bodies[-1]["event"] == TEST_EVENT
    assert ids[-1].startswith("test_")
    for body in bodies[:-1]:
        events += read(connection, body)
    assert [(one.type, one.entity, one.entity_id, one.change) for one in events] == [
        ("prestashop.order_event@1", "order", "6", "created"),
        ("prestashop.customer_event@1", "customer", "2", "created"),
        ("prestashop.address_event@1", "address", "5", "created"),
        ("prestashop.product_event@1", "product", "1", "created"),
        ("prestashop.product_event@1", "product", "1", "updated"),
        ("prestashop.combination_event@1", "combination", "5", "created"),
        ("prestashop.stock_event@1", "stock", "20", "created"),
        ("prestashop.tracking_event@1", "order_carrier", "9", "created"),
        ("prestashop.order_event@1", "order", "6", "updated"),
        ("prestashop.stock_event@1", "stock", "20", "updated"),
        ("prestashop.address_event@1", "address", "5", "deleted"),
    ]
    stock = events[-2]
    assert (stock.data["quantity"], stock.data["before"]) == (7, 10)
    assert (stock.data["product_id"], stock.data["combination_id"]) == ("1", "5")
    tracking = events[-4]
    assert (tracking.data["order_id"], tracking.data["tracking_number"]) == ("6", "T-1042")
    assert all(one.occurred_at.tzinfo is not None for one in events)
