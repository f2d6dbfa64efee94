"""Ports are looked at before anything starts: a clear sentence beats a dead child."""

import errno
import socket

import psutil

from causeway.errors import StartError


def require_free(host: str, port: int, *, purpose: str, remedy: str) -> None:
    """Raise `StartError` unless `host`:`port` can be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server will
        try:
            probe.bind((host, port))
        except PermissionError:
            raise StartError(
                f"Port {port} for {purpose} is reserved for the system.", remedy
            ) from None
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise StartError(
                    f"Port {port} for {purpose} is in use{_by_whom(port)}.", remedy
                ) from None
            raise StartError(
                f"Cannot listen on {host} port {port} for {purpose}: {error.strerror}.", remedy
            ) from None


def _by_whom(port: int) -> str:
    """Best effort: other accounts' processes are hidden from ordinary users."""
    try:
        for connection in psutil.net_connections("tcp"):
            if (
                connection.status == psutil.CONN_LISTEN
                and connection.laddr[1:2] == (port,)
                and connection.pid
            ):
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        return ""
    return ""
