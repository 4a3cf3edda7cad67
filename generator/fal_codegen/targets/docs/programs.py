"""Programs: example values as source text of Python, JavaScript, JSON and the shell."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any

from fal_codegen.document.accepts import Acceptor
from fal_codegen.document.samples.sample_files import file_name
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
from fal_codegen.targets.python.names import field_names
from fal_codegen.text.brackets import Bracketed, Fragment, Style, broken, flat
from fal_codegen.text.escaping import json_text, python_source

_PYTHON = Style(width=88, step=4)
_JAVASCRIPT = Style(width=88, step=2)


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
        """The classes of models that the arguments name, sorted."""
        return tuple(sorted(self._used))

    @property
    def upload(self) -> str | None:
        """An argument that is a file on the disk, if the call takes a file: `image=Path("a.png")`.

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
        """Return the arguments in their brackets, each on a line of its own."""
        return _spread(self._call, _PYTHON, indent)

    def _names(self, model: Model) -> Mapping[str, str]:
        """Return what Python calls the properties of a model."""
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
            fitting = (one for one in schema.members if self._acceptor.accepts(value, one))
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
    return _spread(_python(value), _PYTHON, indent)


def javascript(value: Any, indent: int) -> str:
    """Return a value as JavaScript, broken over lines if it is an object."""
    return _spread(_javascript(value), _JAVASCRIPT, indent)


def as_json(value: Any) -> str:
    """Return a value as JSON, indented, in which every character can be seen."""
    return json_text(value, indent=2)


def shell(value: Any) -> str:
    """Return a value as JSON in one word of the shell."""
    return shlex.quote(as_json(value))


def _spread(fragment: Fragment, style: Style, indent: int) -> str:
    """Return source with brackets broken, even if it fits on one line."""
    if isinstance(fragment, Bracketed) and fragment.parts:
        return broken(fragment, style, indent)
    return flat(fragment)


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


def _javascript(value: Any) -> Fragment:
    if isinstance(value, list):
        return Bracketed("[", tuple(map(_javascript, value)), "]")
    if isinstance(value, dict):
        items = tuple((f"{_key(key)}: ", _javascript(item)) for key, item in value.items())
        return Bracketed("{ ", items, " }") if items else "{}"
    return json_text(value)


def _key(name: str) -> str:
    if name == "__proto__":  # as a plain key, it would set the prototype
        return '["__proto__"]'
    is_plain = re.fullmatch("[A-Za-z_$][A-Za-z0-9_$]*", name)
    return name if is_plain else json_text(name)
