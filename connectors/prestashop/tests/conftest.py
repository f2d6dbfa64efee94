"""The same tests against the recordings of both shops."""

from collections.abc import Iterator

import pytest

from connectors.prestashop.tests.recorded import VERSIONS, RecordedShop


@pytest.fixture(params=VERSIONS)
def shop(request: pytest.FixtureRequest) -> Iterator[RecordedShop]:
    """A recorded shop that insists on being asked for everything it was told to serve."""
    recorded = RecordedShop(version=request.param)
    yield recorded
    recorded.verify()
