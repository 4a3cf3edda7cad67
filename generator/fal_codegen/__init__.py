"""A declarative, spec-driven code generator for fal endpoints."""

__version__ = "0.1.0"
