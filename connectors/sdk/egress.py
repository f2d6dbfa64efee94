"""Which addresses a connector may reach.

A far side's address comes from people who may not read our network: names are vetted after
they are resolved, at the moment of connecting, so that a name that changes its mind between
check and use (DNS rebinding) gains nothing.
"""

import ipaddress
import socket
from collections.abc import Iterable

from aiohttp import ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_TEREDO = ipaddress.IPv6Network("2001::/32")


class EgressRefusedError(OSError):
    """The address is private, local or reserved, and not on the allow-list."""


def refusal(address: str) -> str | None:
    """Why an IP address must not be reached; None when it is a public unicast address.

    IPv4 addresses wrapped into IPv6 (mapped, 6to4, NAT64) are judged by the IPv4 address.
    """
    ip: ipaddress.IPv4Address | ipaddress.IPv6Address
    try:
        ip = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return "not an IP address"
    if isinstance(ip, ipaddress.IPv6Address):
        wrapped = ip.ipv4_mapped or ip.sixtofour
        if wrapped is None and ip in _NAT64:
            wrapped = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if wrapped is not None:
            return refusal(str(wrapped))
        if ip in _TEREDO:
            return "a tunnel address"
    checks = (
        (ip.is_loopback, "a loopback address"),
        (ip.is_link_local, "a link-local address (cloud metadata lives there)"),
        (ip.is_multicast, "a multicast address"),
        (ip.is_unspecified, "an unspecified address"),
        (ip.is_private, "a private address"),
        (not ip.is_global, "a reserved address"),
    )
    return next((reason for holds, reason in checks if holds), None)


def _key(host: str, port: int) -> str:
    return f"{host.strip('[]').lower().rstrip('.')}:{port}"


class EgressGuard:
    """Decides per host and port; `allow` lists "host:port" pairs that may be private."""

    def __init__(self, allow: Iterable[str] = ()) -> None:
        """Raises `ValueError` for an entry without a port."""
        self._allow = set()
        for entry in allow:
            host, _, port = entry.strip().rpartition(":")
            if not host or not port.isdigit():
                raise ValueError(f"egress allow-list: {entry!r} is not host:port")
            self._allow.add(_key(host, int(port)))

    def allows(self, host: str, port: int) -> bool:
        """Whether this host and port may be reached wherever they lead."""
        return _key(host, port) in self._allow

    def vet(self, host: str, port: int, address: str) -> str | None:
        """Why `address` (what `host` resolved to) is refused; None when it may be reached."""
        return None if self.allows(host, port) else refusal(address)

    def vet_literal(self, host: str, port: int) -> None:
        """Vet a host that is written as an IP address; names are left to the resolver.

        Raises `EgressRefusedError`.
        """
        try:
            ipaddress.ip_address(host.strip("[]").split("%", 1)[0])
        except ValueError:
            return
        reason = self.vet(host, port, host.strip("[]"))
        if reason:
            raise EgressRefusedError(f"{host} is {reason}")


class GuardedResolver(AbstractResolver):
    """Resolves names and hands over only addresses that the guard lets pass."""

    def __init__(self, guard: EgressGuard, inner: AbstractResolver | None = None) -> None:
        self._guard = guard
        self._inner = inner or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raises `EgressRefusedError` when no address may be reached, `OSError` when there is
        none."""
        found = await self._inner.resolve(host, port, family)
        passed, reasons = [], set()
        for one in found:
            reason = self._guard.vet(host, port, one["host"])
            if reason is None:
                passed.append(one)
            else:
                reasons.add(reason)
        if not passed and reasons:
            raise EgressRefusedError(f"{host} leads to {' and '.join(sorted(reasons))}")
        return passed

    async def close(self) -> None:
        await self._inner.close()
