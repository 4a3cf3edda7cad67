"""Fetching: documents and the catalogue, from fal or from disk."""
