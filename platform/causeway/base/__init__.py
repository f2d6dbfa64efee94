"""The ground under every app: ids, actors, permissions, problems, pagination."""
