"""Sample values: the examples of a document, or the plainest valid values.

`sampler` makes a value for a JSON Schema. It serves the models of a planned endpoint, which
`model_samples` writes as JSON Schemas, and the emulator, which samples the schemas of a document.
`strings`, `numbers` and `matching` make scalars, `flattening` merges `$ref` and `allOf`, and a
`budget` limits the work. The same schema always results in the same value.
"""
