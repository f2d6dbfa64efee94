"""The measured shapes."""

import asyncio
import itertools
import time
from collections.abc import Callable
from typing import Any, Final

from tests.bench import sender
from tests.bench.flows import RECORDS
from tests.bench.load import Sent, send
from tests.bench.stack import Stack, Used

Result = dict[str, Any]
Document = Callable[[int], dict[str, Any]]
_SENDERS: Final = 128
_WARM_UP: Final = 500
_DRAINED_WITHIN: Final = 180.0
_PACED_SHARE: Final = 0.6
_PACED_SECONDS: Final = 6
_numbers = itertools.count(1)


def _take(number: int) -> range:
    start = next(itertools.islice(_numbers, number - 1, None)) - number + 1
    return range(start, start + number)


def _post(
    stack: Stack,
    flow: str,
    number: int,
    *,
    senders: int = _SENDERS,
    rate: float | None = None,
    make: Document | None = None,
) -> Sent:
    document = make or (sender.order if flow == "order" else sender.small)
    return asyncio.run(
        send(
            port=stack.port,
            path=f"/hooks/{stack.tokens[flow]}",
            make=lambda one: sender.signed(one, document(one)),
            numbers=_take(number),
            senders=senders,
            rate=rate,
        )
    )


def _until_drained(stack: Stack, open_: str = "'pending', 'running', 'waiting'") -> None:
    end = time.monotonic() + _DRAINED_WITHIN
    while True:
        (left,) = stack.ask(
            f"SELECT count(*) FROM (SELECT FROM flows_run WHERE state IN ({open_}) LIMIT 1) open"
        )
        if not left:
            return
        if time.monotonic() > end:
            raise TimeoutError(f"Runs were not finished after {_DRAINED_WITHIN:.0f} s.")
        time.sleep(0.2)


def _until_asleep(stack: Stack) -> None:
    """As `_until_drained`, with runs that wait."""
    _until_drained(stack, "'pending', 'running'")


def _quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return round(1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))], 1)


def _acks(sent: Sent) -> Result:
    return {f"ack_p{part}_ms": _quantile(sent.times, part / 100) for part in (50, 95, 99)}


def _finished(stack: Stack, since: float) -> Result:
    """What became of the runs accepted since then: throughput, and the way of each."""
    number, good, seconds, cuts = stack.ask(
        f"""
        SELECT count(*), count(*) FILTER (WHERE state = 'succeeded'),
               extract(epoch FROM max(ended_at) - min(created_at)),
               percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (
                   ORDER BY extract(epoch FROM ended_at - created_at)
               )
        FROM flows_run WHERE created_at >= to_timestamp({since!r})
        """
    )
    p50, p95, p99 = cuts
    return {
        "runs": int(number),
        "not_succeeded": int(number - good),
        "seconds": round(float(seconds), 2),
        "runs_per_second": round(float(number) / float(seconds)),
        "p50_ms": round(1000 * float(p50), 1),
        "p95_ms": round(1000 * float(p95), 1),
        "p99_ms": round(1000 * float(p99), 1),
    }


def _costs(before: Used, after: Used, runs: int) -> Result:
    """By run: processor milliseconds by part, and commits."""
    spent = {
        f"cpu_ms_{part}": round(1000 * (after.cpu[part] - before.cpu[part]) / runs, 3)
        for part in after.cpu
        if part in before.cpu
    }
    mine = sum(value for name, value in spent.items() if name != "cpu_ms_stub")
    return {
        **spent,
        "cpu_ms_platform": round(mine, 3),
        "commits_per_run": round((after.commits - before.commits) / runs, 3),
    }


def _carried(stack: Stack, flow: str, number: int) -> Result:
    """Accept and carry at the same time, all senders busy; then 60 % of that rate."""
    _post(stack, flow, _WARM_UP)
    _until_drained(stack)
    before = stack.used()
    sent = _post(stack, flow, number)
    _until_drained(stack)
    result: Result = {
        "accepted_per_second": round(sent.taken() / sent.seconds),
        "statuses": {str(status): count for status, count in sent.statuses.items()},
        **_acks(sent),
        **_finished(stack, sent.began),
        **_costs(before, stack.used(), number),
        "memory_mb": stack.memory(),
    }
    rate = result["runs_per_second"] * _PACED_SHARE
    paced = _post(stack, flow, int(rate * _PACED_SECONDS), rate=rate)
    _until_drained(stack)
    return {
        **result,
        "paced": {"sent_per_second": round(rate), **_acks(paced), **_finished(stack, paced.began)},
    }


def echo(stack: Stack, number: int) -> Result:
    """Webhook, map five fields, respond: the sender waits for the answer."""
    return _carried(stack, "echo", number)


def order(stack: Stack, number: int) -> Result:
    """Webhook with 3 KB, map fifteen fields and five lines, POST, stop."""
    return _carried(stack, "order", number)


def ingress(stack: Stack, number: int) -> Result:
    """3 KB webhooks while no worker runs; then the backlog is carried while none arrive."""
    workers = [name for name in stack.worker_names() if name.startswith("worker-")]
    stack.stop(stack.worker_names())
    before = stack.used()
    sent = _post(stack, "order", number)
    after = stack.used()
    result: Result = {
        "accepted_per_second": round(sent.taken() / sent.seconds),
        **_acks(sent),
        **_costs(before, after, number),
    }
    stack.start_workers(len(workers))
    before = stack.used()
    _until_drained(stack)
    (seconds,) = stack.ask(
        "SELECT extract(epoch FROM max(ended_at) - min(started_at)) FROM flows_run"
        f" WHERE created_at >= to_timestamp({sent.began!r})"
    )
    result["drain"] = {
        "runs_per_second": round(number / float(seconds)),
        **_costs(before, stack.used(), number),
    }
    return result


def burst(stack: Stack, number: int) -> Result:
    """As fast as possible: each delivery is accepted or told 429, and no accepted one is lost."""
    number *= 4
    sent = _post(stack, "echo", number, senders=512)
    _until_drained(stack)
    done = _finished(stack, sent.began)
    return {
        "sent": number,
        "accepted_per_second": round(sent.taken() / sent.seconds),
        "statuses": {str(status): count for status, count in sent.statuses.items()},
        "neither_accepted_nor_429": number - sent.taken() - sent.statuses.get(429, 0),
        "lost": sent.taken() - done["runs"],
        **_acks(sent),
        **done,
    }


def large(stack: Stack, number: int) -> Result:
    """Webhook with 160 KB, otherwise as `order`."""
    number = max(1, number // 10)
    before = stack.used()
    sent = _post(stack, "order", number, make=sender.large, senders=16)
    _until_drained(stack)
    return {
        "accepted_per_second": round(sent.taken() / sent.seconds),
        **_acks(sent),
        **_finished(stack, sent.began),
        **_costs(before, stack.used(), number),
        "memory_mb": stack.memory(),
    }


def batch(stack: Stack, number: int) -> Result:
    """GET 1,000 records, map ten fields of each, branch, POST them by the hundred."""
    _post(stack, "batch", 2, senders=2)
    _until_drained(stack)
    number = max(4, number // 100)
    before = stack.used()
    sent = _post(stack, "batch", number, senders=8)
    _until_drained(stack)
    done = _finished(stack, sent.began)
    return {
        "records_per_second": round(done["runs"] / done["seconds"] * RECORDS),
        "accepted_per_second": round(sent.taken() / sent.seconds),
        **done,
        **_costs(before, stack.used(), number),
        "memory_mb": stack.memory(),
    }


def wait(stack: Stack, number: int) -> Result:
    """Ten times as many runs fall asleep for hours; what an order costs before and while they
    do."""
    _post(stack, "order", _WARM_UP)
    _until_drained(stack)
    result: Result = {"without": _while_waiting(stack, number)}
    sent = _post(stack, "wait", number * 10)
    _until_asleep(stack)
    return {
        "accepted_per_second": round(sent.taken() / sent.seconds),
        "waiting": number * 10,
        **result,
        "with": _while_waiting(stack, number),
    }


def _while_waiting(stack: Stack, number: int) -> Result:
    before = stack.used()
    sent = _post(stack, "order", number)
    _until_asleep(stack)
    return {
        **_finished(stack, sent.began),
        **_costs(before, stack.used(), number),
        "memory_mb": stack.memory()["total"],
    }


def stored(stack: Stack, number: int) -> Result:
    """What an order costs with few runs stored, and with two hundred times `--runs` more."""
    few = _carried(stack, "order", number)
    stack.fill(number * 200)
    many = _carried(stack, "order", number)
    kept = ("accepted_per_second", "runs_per_second", "cpu_ms_platform", "cpu_ms_postgres")
    return {
        "accepted_per_second": many["accepted_per_second"],
        "stored": number * 200,
        "few": {name: few[name] for name in kept},
        "many": {name: many[name] for name in kept},
        "cost_many_to_few": round(many["cpu_ms_platform"] / few["cpu_ms_platform"], 3),
    }


Shape = Callable[[Stack, int], Result]
SHAPES: Final[dict[str, Shape]] = {
    "echo": echo,
    "order": order,
    "ingress": ingress,
    "large": large,
    "batch": batch,
    "burst": burst,
    "wait": wait,
    "stored": stored,
}
