"""The measured shapes."""

import asyncio
import itertools
import time
from collections.abc import Callable
from typing import Any, Final

from tests.bench import sender
from tests.bench.load import Make, Sent, send
from tests.bench.stack import Stack, Used

Result = dict[str, Any]
_SENDERS: Final = 128
_WARM_UP: Final = 500
_DRAINED_WITHIN: Final = 180.0
_PACED_SHARE: Final = 0.6
_PACED_SECONDS: Final = 6
_numbers = itertools.count(1)


def _take(number: int) -> range:
    start = next(itertools.islice(_numbers, number - 1, None)) - number + 1
    return range(start, start + number)


def _maker(flow: str) -> Make:
    document = sender.order if flow == "order" else sender.small
    return lambda number: sender.signed(number, document(number))


def _post(
    stack: Stack, flow: str, number: int, *, senders: int = _SENDERS, rate: float | None = None
) -> Sent:
    return asyncio.run(
        send(
            port=stack.port,
            path=f"/hooks/{stack.tokens[flow]}",
            make=_maker(flow),
            numbers=_take(number),
            senders=senders,
            rate=rate,
        )
    )


def _until_drained(stack: Stack) -> None:
    end = time.monotonic() + _DRAINED_WITHIN
    while True:
        (left,) = stack.ask(
            "SELECT count(*) FROM (SELECT FROM flows_run"
            " WHERE state IN ('pending', 'running', 'waiting') LIMIT 1) open"
        )
        if not left:
            return
        if time.monotonic() > end:
            raise TimeoutError(f"Runs were not finished after {_DRAINED_WITHIN:.0f} s.")
        time.sleep(0.2)


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
    """Webhook, map five fields, stop."""
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


Shape = Callable[[Stack, int], Result]
SHAPES: Final[dict[str, Shape]] = {
    "echo": echo,
    "order": order,
    "ingress": ingress,
    "burst": burst,
}
