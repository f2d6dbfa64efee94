"""`python -m connectors.prestashop.twin --port N --world FILE [--data FILE]`"""

import argparse
from pathlib import Path

import uvicorn

from .app import create_app

WORLD = Path(__file__).resolve().parents[3] / "fixtures/worlds/meadow/shop.json"


def main() -> None:
    parser = argparse.ArgumentParser(prog="connectors.prestashop.twin", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--world", type=Path, default=WORLD)
    parser.add_argument("--data", type=Path, help="where the shop's state is kept")
    parser.add_argument("--version", help="answer like this version, such as 8.2.1")
    parser.add_argument("--hook-url", help="tell this address of what happens in the shop")
    parser.add_argument("--hook-secret", help="the secret its deliveries are signed with")
    args = parser.parse_args()
    if bool(args.hook_url) != bool(args.hook_secret):
        parser.error("--hook-url and --hook-secret go together")
    hook = (args.hook_url, args.hook_secret) if args.hook_url else None
    app = create_app(world=args.world, data=args.data, version=args.version, hook=hook)
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=args.port,
        log_level="warning",
        server_header=False,
        date_header=False,  # the shop's own clock says it
    )


if __name__ == "__main__":
    main()
