"""Patterns: regular expressions of a document, for the engines of Rust and JavaScript."""
