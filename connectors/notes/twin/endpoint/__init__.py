"""The agent endpoint as an agent in the database serves it, after far_side/agent-endpoint.md."""
