"""A taken port is told by number, purpose and holder."""

import os
import socket

import pytest

from causeway.errors import StartError
from causeway.supervisor.ports import require_free


def test_a_taken_port_names_who_holds_it() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        with pytest.raises(StartError) as refused:
            require_free("127.0.0.1", port, purpose="the web process", remedy="Choose another.")
    assert f"Port {port} for the web process is in use" in refused.value.trouble
    assert f"process {os.getpid()}" in refused.value.trouble
    assert refused.value.remedy == "Choose another."


def test_a_free_port_passes() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    require_free("127.0.0.1", port, purpose="a test", remedy="")


def test_an_address_that_is_not_ours_is_told() -> None:
    with pytest.raises(StartError, match=r"Cannot listen on 192\.0\.2\.1"):
        require_free("192.0.2.1", 8000, purpose="the web process", remedy="Set CAUSEWAY_HOST.")
