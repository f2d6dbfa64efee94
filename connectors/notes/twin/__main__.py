"""Run the twin: python -m connectors.notes.twin --port N --world FILE --data FILE."""

import argparse
from pathlib import Path

import uvicorn

from connectors.notes.twin.app import create_app


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m connectors.notes.twin", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--world", type=Path, required=True, help="world file (JSON)")
    parser.add_argument("--data", type=Path, help="file that keeps the state; default: none")
    parser.add_argument("--hook-url", default="", help="where the agent delivers to")
    parser.add_argument("--hook-secret", default="", help="what it signs with")
    parser.add_argument("--agent-delay", type=float, default=0.3, help="seconds after a save")
    given = parser.parse_args()
    app = create_app(
        world=given.world,
        data=given.data,
        agent_delay=given.agent_delay,
        hook_url=given.hook_url,
        hook_secret=given.hook_secret,
    )
    uvicorn.run(
        app,
        host=given.host,
        port=given.port,
        log_level="critical",
        server_header=False,
        date_header=False,
        backlog=2048,
    )


if __name__ == "__main__":
    main()
