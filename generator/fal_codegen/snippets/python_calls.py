"""Values and calls of the generated client as Python source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fal_codegen.client_names import field_names
from fal_codegen.document.accepts import Acceptor
from fal_codegen.document.samples.strings import file_name
from fal_codegen.document.schema import (
    Anything,
    Array,
    FileUrl,
    Map,
    Ref,
    Schema,
    Union,
    references,
)
from fal_codegen.ir import Endpoint, Model
from fal_codegen.snippets.literals import spread
from fal_codegen.text.brackets import Bracketed, Fragment, Style
from fal_codegen.text.escaping import python_source

_STYLE = Style(width=88, step=4)


class PythonCall:
    """The call of an endpoint of the generated Python client.

    Args:
        endpoint: The endpoint.
        value: The input, as it is sent.
    """

    def __init__(self, endpoint: Endpoint, value: Mapping[str, Any]) -> None:
        self._models = {model.name: model for model in endpoint.models}
        self._acceptor = Acceptor(endpoint.models)
        self._used: set[str] = set()
        arguments = self._instance(self._models["Input"], value).parts
        self._call = Bracketed("(", arguments, ")")

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the model classes in the arguments, sorted."""
        return tuple(sorted(self._used))

    @property
    def upload(self) -> str | None:
        """An argument that is a local file, if the call accepts a file: `image=Path("a.png")`.

        A `str` is always the URL of a file.
        """
        model = self._models["Input"]
        names = self._names(model)
        for prop in model.properties:
            is_list = isinstance(prop.schema, Array)
            schema = prop.schema.items if isinstance(prop.schema, Array) else prop.schema
            if isinstance(schema, FileUrl):
                path = f'Path("{file_name(prop.name)}")'
                return f"{names[prop.name]}={f'[{path}]' if is_list else path}"
        return None

    def arguments(self, indent: int) -> str:
        """Return the arguments in their brackets, one argument a line."""
        return spread(self._call, _STYLE, indent)

    def _names(self, model: Model) -> Mapping[str, str]:
        """Return the Python name of each property of a model."""
        referred = {name for prop in model.properties for name in references(prop.schema)}
        return field_names((prop.name for prop in model.properties), classes=referred)

    def _instance(self, model: Model, value: Mapping[str, Any]) -> Bracketed:
        names = self._names(model)
        return Bracketed(
            f"{model.name}(",
            tuple(
                (f"{names[prop.name]}=", self._source(value[prop.name], prop.schema))
                for prop in model.properties
                if prop.name in value
            ),
            ")",
        )

    def _source(self, value: Any, schema: Schema) -> Fragment:
        if isinstance(schema, Union):
            fitting = (part for part in schema.members if self._acceptor.accepts(value, part))
            return self._source(value, next(fitting, Anything()))
        if isinstance(schema, Ref) and isinstance(value, dict):
            model = self._models[schema.name]
            if value.keys() <= {prop.name for prop in model.properties}:
                self._used.add(model.name)
                return self._instance(model, value)
        if isinstance(value, list):
            items = schema.items if isinstance(schema, Array) else Anything()
            return Bracketed("[", tuple(self._source(item, items) for item in value), "]")
        if isinstance(value, dict):
            values = schema.values if isinstance(schema, Map) else Anything()
            return _python_dict({key: self._source(item, values) for key, item in value.items()})
        return _python_scalar(value)


def python(value: Any, indent: int) -> str:
    """Return a value as Python, broken over lines if it is an object."""
    return spread(_python(value), _STYLE, indent)


def _python(value: Any) -> Fragment:
    if isinstance(value, list):
        return Bracketed("[", tuple(map(_python, value)), "]")
    if isinstance(value, dict):
        return _python_dict({key: _python(item) for key, item in value.items()})
    return _python_scalar(value)


def _python_dict(items: Mapping[str, Fragment]) -> Bracketed:
    return Bracketed(
        "{", tuple((f"{_python_scalar(key)}: ", item) for key, item in items.items()), "}"
    )


def _python_scalar(value: Any) -> str:
    source = python_source(repr(value))
    is_plain = source.startswith("'") and '"' not in source
    return f'"{source[1:-1]}"' if is_plain else source
