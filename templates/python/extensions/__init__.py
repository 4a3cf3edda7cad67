"""The project's own classes, which extend generated endpoints."""
