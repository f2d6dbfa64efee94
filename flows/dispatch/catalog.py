"""The catalog that this process works with."""

from connectors.catalog import Catalog, default_catalog

_given: Catalog | None = None


def catalog() -> Catalog:
    """Everything installed, unless another catalog was put in its place."""
    return _given or default_catalog()


def use_catalog(other: Catalog | None) -> None:
    """Work with `other` from now on (tests, benchmarks); None goes back to what is installed."""
    global _given
    _given = other
