"""Calls of generated endpoints with inputs as documents name their properties."""

from __future__ import annotations

import copy
import sys
from typing import Any

from jsonschema_rs import ValidationErrorKind

from .contract import Contract, Schema


class Caller:
    """One generated endpoint, and the Python names of its properties."""

    def __init__(self, endpoint: Any) -> None:
        self.endpoint = endpoint
        module = vars(sys.modules[type(endpoint).__module__])
        fields = module["Input"].model_fields
        self._names = {field.validation_alias or name: name for name, field in fields.items()}
        self._required = {name for name, field in fields.items() if field.is_required()}
        self.output = module["Output"]
        """The promised type of the result."""

    def request(self, value: Schema) -> Any:
        """Call the endpoint with an input.

        Python itself would reject a call with an unknown name or without a required one, so such
        an input is bound instead.
        """
        arguments = {self._names.get(name, name): item for name, item in value.items()}
        is_call = self._required <= arguments.keys() <= set(self._names.values())
        return self.endpoint(**arguments) if is_call else self.endpoint.bind(**arguments)


def example_arguments(contract: Contract) -> Schema:
    """Return the document's example, without names that the document does not list."""
    example: Schema = copy.deepcopy(contract.emulated.example_input)
    for error in contract.validator.iter_errors(example):
        assert isinstance(error.kind, ValidationErrorKind.AdditionalProperties), error.message
        holder: Any = example
        for step in error.instance_path:
            holder = holder[step]
        for name in error.kind.unexpected:
            del holder[name]
    return example
