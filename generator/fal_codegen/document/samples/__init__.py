"""Sample values of planned models: the examples of a document, or the plainest valid values.

A sample is deterministic: the same schema always results in the same value.
"""
