"""The web process: uvicorn around `causeway.asgi`, with our logging."""

import uvicorn

from causeway.config import Config


def main() -> None:
    """Serve until told to stop."""
    config = Config.from_env()
    uvicorn.run(
        "causeway.asgi:application",
        host=config.host,
        port=config.port,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=64 * 1024,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )


if __name__ == "__main__":
    main()
