"""Views: the values that the Python templates print."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from fal_codegen.client_names import RESERVED_CLASS_NAMES, Node, field_names
from fal_codegen.document.models import FILE_PROPERTIES
from fal_codegen.ir import Direction, Endpoint, Model, Property
from fal_codegen.naming import unique
from fal_codegen.render import Untrusted
from fal_codegen.targets.prose import documentation, model_description
from fal_codegen.targets.python.expressions import PythonType
from fal_codegen.targets.python.extensions import EXTENSIONS
from fal_codegen.targets.python.types import Types
from fal_codegen.targets.typed_dict_keys import is_key
from fal_codegen.text.blocks import dedented

_TYPED_DICT = frozenset({"NotRequired", "TypedDict"})
"""Names that the declarations of plain dicts refer to, besides those in their types."""


class ModelField(NamedTuple):
    """A field of a model, and the argument of the call that sets it.

    Attributes:
        name: Its Python name.
        wire_name: Its name on the wire, if it differs.
        annotation: Its type in the model.
        default: The value of its default in the model, if `has_default`.
        argument: The type of the argument.
        doc: Its description, with its constraints and the server's default.
    """

    name: str
    wire_name: Untrusted | None
    annotation: PythonType
    has_default: bool
    default: object
    argument: PythonType
    is_required: bool
    doc: Untrusted


class Class(NamedTuple):
    """A model's class."""

    name: str
    base: str
    doc: Untrusted
    is_open: bool
    fields: tuple[ModelField, ...]


class PlainDictKey(NamedTuple):
    """A key of a plain dict: the wire name of a field.

    Attributes:
        name: The key.
        identifier: The key, if a class can declare it; None otherwise.
    """

    name: Untrusted
    identifier: str | None
    annotation: str
    doc: Untrusted


class PlainDict(NamedTuple):
    """The type of a plain dict that a caller may pass in place of an instance of a model.

    Attributes:
        model: The name of the model's class.
    """

    name: str
    model: str
    keys: tuple[PlainDictKey, ...]

    @property
    def is_class(self) -> bool:
        """Whether it can be written as a class."""
        return all(key.identifier for key in self.keys)


class Child(NamedTuple):
    """A node below a node: the class of an attribute, and the module that defines it.

    Attributes:
        name: The name of the attribute.
        class_name: What the module of the parent calls the class.
        module: The module that defines the class.
        imported: What is imported from the module: the class, under the name `class_name`.
    """

    name: str
    class_name: str
    module: str
    imported: str
    doc: Untrusted


class Module(NamedTuple):
    """The module of a node: a namespace, an endpoint, or both.

    Attributes:
        package: The import name of the package.
        prefix: The endpoint id, or the part that the ids of a namespace start with.
        result: The type of the result, if it is not the model `Output`.
        overview: Its description, with an endpoint's arguments and page of fal.
        dicts: The types of plain dicts that stand for models of the input.
        fields: The fields of the Input, in the order of the call's arguments.
        deprecation: The warning of a deprecated endpoint; empty for others.
        price: The price of a unit, with its date; None if it is not known.
    """

    source: str
    package: str
    prefix: str
    class_name: str
    is_endpoint: bool
    doc: Untrusted
    overview: Untrusted
    classes: tuple[Class, ...]
    dicts: tuple[PlainDict, ...]
    result: str | None
    fields: tuple[ModelField, ...]
    children: tuple[Child, ...]
    deprecation: str
    price: Untrusted | None

    @property
    def described(self) -> tuple[ModelField, ...]:
        """The arguments of the call that have a description."""
        return tuple(field for field in self.fields if field.doc)


class EndpointById(NamedTuple):
    """An endpoint, as the client finds it by its id.

    Attributes:
        attribute: The attribute path from the client.
        module: The module that defines its class.
    """

    id: str
    attribute: str
    module: str
    class_name: str


def endpoint_by_id(endpoint: Endpoint, node: Node, package: str) -> EndpointById:
    """Return the view of an endpoint by its id."""
    module, class_name = _defined(node, package)
    return EndpointById(endpoint.id, ".".join(node.path), module, class_name)


def children(nodes: Iterable[Node], package: str, types: Mapping[str, Types]) -> tuple[Child, ...]:
    """Return the views of nodes that are attributes of one class."""
    return tuple(_child(node, package, types) for node in nodes)


def _child(node: Node, package: str, types: Mapping[str, Types]) -> Child:
    module, defined = _defined(node, package)
    imported = defined if defined == node.class_name else f"{defined} as {node.class_name}"
    overview = _overview(node, _named_arguments(node, types))
    return Child(node.name, node.class_name, module, imported, overview)


def _defined(node: Node, package: str) -> tuple[str, str]:
    """Return the module that defines the class of a node, and what that calls the class."""
    if node.endpoint and (extension := node.endpoint.extension):
        return f"{package}.{EXTENSIONS}.{extension.module}", extension.class_name
    return ".".join((package, *node.path)), node.class_name


def module(node: Node, package: str, types: Mapping[str, Types]) -> Module:
    """Return the view of a node's module.

    Args:
        node: The node.
        package: The import name of the package.
        types: The types of each endpoint, by id.
    """
    endpoint = node.endpoint
    plain = _plain_types(node)
    classes = _classes(node, types, plain)
    fields = _arguments(classes)
    result = None
    if endpoint is not None:
        output = types[endpoint.id].output.text
        result = None if endpoint.has_output_model and output == "Output" else output
    return Module(
        source=f"specs/{endpoint.id}.json" if endpoint else "specs/endpoints.toml",
        package=package,
        prefix=node.prefix,
        class_name=node.class_name,
        is_endpoint=endpoint is not None,
        doc=_about(node),
        overview=_overview(node, [(field.name, field.is_required) for field in fields]),
        classes=classes,
        dicts=_plain_dicts(classes, plain),
        result=result,
        fields=fields,
        children=children(node.children, package, types),
        deprecation=_deprecation(endpoint),
        price=Untrusted(endpoint.price.dated) if endpoint and endpoint.price else None,
    )


def _classes(node: Node, types: Mapping[str, Types], plain: Mapping[str, str]) -> tuple[Class, ...]:
    if node.endpoint is None:
        return ()
    return tuple(
        _class(model, types[node.endpoint.id].fields[model.name], plain)
        for model in node.endpoint.models
        if not model.is_plain_file
    )


def _plain_types(node: Node) -> dict[str, str]:
    """Return the type of the plain dict for each model in the input, by the model's name."""
    models = node.endpoint.models if node.endpoint else ()
    nested = [
        model
        for model in models
        if model.direction is Direction.INPUT and model.name != "Input" and not model.is_plain_file
    ]
    classes = {model.name for model in models} | {child.class_name for child in node.children}
    names = unique(
        {model.name: f"{model.name}Dict" for model in nested if not model.is_open},
        taken=classes | {node.class_name} | RESERVED_CLASS_NAMES | _TYPED_DICT,
        form=str,
    )
    # A TypedDict does not express that other keys are allowed.
    return {model.name: names.get(model.name, "Mapping[str, Any]") for model in nested}


def _plain_dicts(classes: Iterable[Class], plain: Mapping[str, str]) -> tuple[PlainDict, ...]:
    return tuple(
        _plain_dict(model, plain[model.name])
        for model in classes
        if model.name in plain and not model.is_open
    )


def _plain_dict(model: Class, name: str) -> PlainDict:
    names = _TYPED_DICT.union(*(field.argument.names for field in model.fields))
    return PlainDict(
        name, model.name, tuple(_plain_dict_key(field, names) for field in model.fields)
    )


def _plain_dict_key(field: ModelField, names: Collection[str]) -> PlainDictKey:
    key = field.wire_name or Untrusted(field.name)
    annotation = str(field.argument)
    return PlainDictKey(
        name=key,
        identifier=key.text if is_key(key.text, names) else None,
        annotation=annotation if field.is_required else f"NotRequired[{annotation}]",
        doc=field.doc,
    )


def _arguments(classes: Iterable[Class]) -> tuple[ModelField, ...]:
    """Return the fields of the Input, required ones first."""
    fields = next((found.fields for found in classes if found.name == "Input"), ())
    return tuple(sorted(fields, key=lambda field: not field.is_required))


def _deprecation(endpoint: Endpoint | None) -> str:
    if endpoint is None or not endpoint.is_deprecated:
        return ""
    return f"fal has deprecated {endpoint.id}, and may remove it"


def _about(node: Node) -> Untrusted:
    if node.endpoint is None:
        return Untrusted(f"Endpoints below `{node.prefix}`.")
    return Untrusted(node.endpoint.description)


def _named_arguments(node: Node, types: Mapping[str, Types]) -> list[tuple[str, bool]]:
    """Return the name of each argument of an endpoint, and whether it is required."""
    return [
        (name, prop.required)
        for model in (node.endpoint.models if node.endpoint else ())
        if model.name == "Input" and node.endpoint
        for name, prop, _ in named_properties(model, types[node.endpoint.id].fields[model.name])
    ]


def _overview(node: Node, arguments: Collection[tuple[str, bool]]) -> Untrusted:
    """Return what editors show for a node: an endpoint's description, arguments and page of fal.

    Args:
        node: The node.
        arguments: The name of each argument of its endpoint, and whether it is required.
    """
    required = ", ".join(f"`{name}`" for name, is_required in arguments if is_required)
    optional = ", ".join(f"`{name}`" for name, is_required in arguments if not is_required)
    page = node.endpoint.documentation_url if node.endpoint else ""
    paragraphs = [
        "\n".join(dedented(_about(node).text)),  # what follows has another indentation
        f"Required arguments: {required}." if required else "",
        f"Optional arguments: {optional}." if optional else "",
        page if page.startswith("https://") else "",
    ]
    return Untrusted("\n\n".join(paragraph for paragraph in paragraphs if paragraph))


def class_of(model: Model) -> str:
    """Return the name of a model's class: `File` for a model that only describes a file."""
    return "File" if model.is_plain_file else model.name


def _class(model: Model, types: tuple[PythonType, ...], plain: Mapping[str, str]) -> Class:
    is_input = model.direction is Direction.INPUT
    is_file = model.is_file and not is_input
    return Class(
        name=model.name,
        base="InputModel" if is_input else "File" if is_file else "OutputModel",
        doc=Untrusted(model_description(model)),
        is_open=model.is_open,
        fields=tuple(
            _field(prop, name, annotation, model.direction, plain)
            for name, prop, annotation in named_properties(model, types)
        ),
    )


def named_properties(
    model: Model, types: tuple[PythonType, ...]
) -> list[tuple[str, Property, PythonType]]:
    """Return the properties that the class of a model has fields for, with their Python names."""
    is_file = model.is_file and model.direction is not Direction.INPUT
    listed = [
        (prop, annotation)
        for prop, annotation in zip(model.properties, types, strict=True)
        if not (is_file and prop.name in FILE_PROPERTIES)
    ]
    names = field_names(
        (prop.name for prop, _ in listed),
        classes={name for _, annotation in listed for name in annotation.names},
    )
    return [(names[prop.name], prop, annotation) for prop, annotation in listed]


def _field(
    prop: Property, name: str, bare: PythonType, direction: Direction, plain: Mapping[str, str]
) -> ModelField:
    is_input = direction is Direction.INPUT
    typed = bare.or_none() if prop.nullable and bare.text != "Any" else bare
    states_default = prop.default is not None and prop.default.fits and not prop.required
    annotation = typed
    if not prop.required and not states_default and bare.text != "Any" and not prop.nullable:
        annotation = bare.omittable() if is_input else bare.or_none()
    return ModelField(
        name=name,
        wire_name=None if name == prop.name else Untrusted(prop.name),
        annotation=annotation,
        has_default=not prop.required,
        default=prop.default.value if prop.default and states_default else None,
        argument=typed.parameter(plain),
        is_required=prop.required,
        doc=Untrusted(documentation(prop, direction)),
    )
