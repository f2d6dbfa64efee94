"""What may be done with a connection."""

from connectors.connections.loading import aload_connection, config_of, load_connection

__all__ = ["aload_connection", "config_of", "load_connection"]
