"""Snippets: values and calls as source text, for the examples of the docs and the playground."""
