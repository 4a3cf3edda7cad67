"""Witness."""
from fal_codegen.drift.changes import Change
def with_witnesses(changes, old, new):
    return tuple(changes)
