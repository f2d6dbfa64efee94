"""The guard refuses what leads into our own network, however it is written."""

import socket

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from connectors.sdk.egress import EgressGuard, EgressRefusedError, GuardedResolver, refusal

REFUSED = (
    "127.0.0.1",
    "127.255.255.254",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "0.0.0.0",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "198.18.0.1",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:10.1.2.3",
    "2002:7f00:1::",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "2001::1",
    "not an address",
)


@pytest.mark.parametrize("address", REFUSED)
def test_refuses(address: str) -> None:
    assert refusal(address) is not None


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808"]
)
def test_lets_public_addresses_pass(address: str) -> None:
    assert refusal(address) is None


def test_the_allow_list_is_about_one_port() -> None:
    guard = EgressGuard(["127.0.0.1:8081", "[::1]:9000", "Shop.Internal:80"])
    assert guard.vet("127.0.0.1", 8081, "127.0.0.1") is None
    assert guard.vet("127.0.0.1", 8082, "127.0.0.1")
    assert guard.vet("::1", 9000, "::1") is None
    assert guard.vet("shop.internal.", 80, "10.0.0.9") is None
    assert guard.vet("other.internal", 80, "10.0.0.9")


def test_an_allow_list_entry_needs_a_port() -> None:
    with pytest.raises(ValueError, match="host:port"):
        EgressGuard(["localhost"])


class FakeResolver(AbstractResolver):
    def __init__(self, *addresses: str) -> None:
        self._addresses = addresses
        self.closed = False

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host, host=one, port=port, family=socket.AF_INET, proto=0, flags=0
            )
            for one in self._addresses
        ]

    async def close(self) -> None:
        self.closed = True


async def test_a_name_that_leads_inside_is_refused_when_it_is_resolved() -> None:
    resolver = GuardedResolver(EgressGuard(), FakeResolver("127.0.0.1"))
    with pytest.raises(EgressRefusedError, match="loopback"):
        await resolver.resolve("rebind.example", 80)


async def test_of_mixed_addresses_only_public_ones_are_handed_over() -> None:
    resolver = GuardedResolver(EgressGuard(), FakeResolver("10.0.0.1", "93.184.216.34"))
    assert [one["host"] for one in await resolver.resolve("mixed.example", 443)] == [
        "93.184.216.34"
    ]


async def test_closing_closes_the_resolver_below() -> None:
    inner = FakeResolver()
    await GuardedResolver(EgressGuard(), inner).close()
    assert inner.closed
