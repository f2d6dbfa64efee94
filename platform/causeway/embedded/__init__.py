"""The private PostgreSQL and Redis: found, prepared, described as commands to run."""
