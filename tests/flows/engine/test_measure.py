"""The measuring function counts runs with the timer that it is given."""

from flows.engine.measure import microseconds_per_run
from tests.flows.engine.support import header, node, plan


async def test_it_divides_the_timers_seconds_by_the_runs() -> None:
    ticks = iter([10.0, 12.0])
    made = plan([node("a", "far.read@1")], ["start > a"])
    found = await microseconds_per_run(
        made, header=header(), answers={"a": {}}, timer=lambda: next(ticks), runs=4
    )
    assert found == 500_000
