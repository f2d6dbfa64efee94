"""A large shop that refuses too many requests, in small; `python -m tests.bench.shop` in full."""

import uuid

from django.conf import settings

from flows.protection.shared import Protection
from tests.bench import shop


async def test_a_sweep_and_writes_stay_below_what_the_shop_bears_and_lose_nothing() -> None:
    """`measure` itself asserts that each write is confirmed and each change found."""
    protection = Protection(settings.CAUSEWAY.redis_url, processes=1, patience=5.0)
    name = f"bench-{uuid.uuid4().hex}"
    try:
        found = await shop.measure(
            protection, name=name, products=1500, writes=15, limit=30, within=3.0, delay=0.01
        )
    finally:
        await protection.aclose()
    # 1,500 products, every tenth with two combinations: 1,800 rows and those of the demo.
    assert found["first_sweep"] == {**found["first_sweep"], "requests": 2, "other_errors": 0}
    assert found["writes"]["other_errors"] == 0
    # Eight were under way when the shop first refused; after that it was left alone.
    assert 0 < found["writes"]["refused_429"] <= 12
    assert found["learnt_per_minute"] <= found["allowed_per_minute"]
    assert found["per_100"]["products_by_id"] <= 6
    assert found["per_100"]["stock_rows_by_id"] <= 5
