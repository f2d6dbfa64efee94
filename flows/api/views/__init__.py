"""Views: read the request, call one service, show its answer."""
