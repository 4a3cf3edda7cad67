"""Sample values for the JSON Schemas of a document: its own examples, or the plainest valid values.

A sample is deterministic: the same schema always results in the same value.
"""

from fal_codegen.document.samples.sampler import Sampler

__all__ = ["Sampler"]
