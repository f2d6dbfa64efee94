"""The agent endpoint: a web agent in the database, where no service may be enabled. Its contract
is far_side/agent-endpoint.md."""
