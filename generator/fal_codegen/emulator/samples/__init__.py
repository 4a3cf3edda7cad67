"""Sample values for any schema of a document, whether the generator can express it or not.

The samples in `document.samples` are for planned models. Those lack keywords that a result of the
emulator must satisfy, because generated types do not check them: `format`, `if`, `contains`,
`patternProperties` and more. So there are two samplers; strings, numbers and the budget are shared.
"""
