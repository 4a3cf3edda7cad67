"""Sample values: the examples of a document, or the plainest valid values.

`json_schema_sampler` makes them for the JSON Schemas of any document, `model_sampler` for the
models of a planned endpoint. A sample is deterministic: the same schema always results in the same
value.
"""
