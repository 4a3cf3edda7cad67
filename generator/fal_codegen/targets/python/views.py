"""What the Python templates see: plain values, one per thing that is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fal_codegen.document.schema import Ref
from fal_codegen.ir import Direction, Endpoint, Model, Property
from fal_codegen.render import Untrusted
from fal_codegen.targets.prose import ROOTS, documentation
from fal_codegen.targets.python.expressions import PythonType
from fal_codegen.targets.python.names import Node, field_names
from fal_codegen.targets.python.types import Types

_ORIGINS = {"collections.abc": 0, "functools": 0, "typing": 0, "pydantic": 1}
_RUNTIME_TYPES = frozenset(
    "File FileInput ListInput MapInput Omittable OneOf Tagged UniqueItems UrlLength".split()
)
_FILE_FIELDS = frozenset({"url", "content_type", "file_name", "file_size"})


ImportGroup = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Field:
    """A field of a model, and the argument of the call that sets it.

    Attributes:
        name: Its Python name.
        wire_name: Its name on the wire, if that is another.
        annotation: Its type in the model.
        default: Its default in the model, as a value; see `has_default`.
        argument: The type of the argument.
        doc: Its description, with its range and the server's default.
    """

    name: str
    wire_name: Untrusted | None
    annotation: PythonType
    has_default: bool
    default: object
    argument: PythonType
    is_required: bool
    doc: Untrusted


@dataclass(frozen=True)
class Class:
    """A model's class."""

    name: str
    base: str
    doc: Untrusted
    is_open: bool
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Child:
    """A node below a node: where its class is, and what is said about it."""

    name: str
    class_name: str
    module: str
    doc: Untrusted


@dataclass(frozen=True)
class Module:
    """The module of a node: a namespace, an endpoint, or both.

    Attributes:
        imports: Names to import, by the module they come from, in groups by origin.
        result: The type of the result, if it is not the model `Output`.
        fields: The fields of the Input, in the order of the call's arguments.
    """

    source: str
    prefix: str
    class_name: str
    is_endpoint: bool
    doc: Untrusted
    imports: tuple[ImportGroup, ...]
    classes: tuple[Class, ...]
    result: str | None
    fields: tuple[Field, ...]
    children: tuple[Child, ...]

    @property
    def described(self) -> tuple[Field, ...]:
        """The arguments of the call about which there is something to say."""
        return tuple(field for field in self.fields if field.doc)


@dataclass(frozen=True)
class Place:
    """Where in the package a node's module is, and what is around it.

    Attributes:
        prefix: The part of the ids that leads there.
        package: Import name of the package.
    """

    prefix: str
    class_name: str
    doc: Untrusted
    children: tuple[Child, ...]
    package: str


def place(node: Node, package: str) -> Place:
    """Return the place of a node in a package."""
    below = children(node.children, package)
    return Place(node.prefix, node.class_name, _about(node), below, package)


def children(nodes: tuple[Node, ...], package: str) -> tuple[Child, ...]:
    """Return what a parent's template shows of its children."""
    return tuple(
        Child(
            name=node.name,
            class_name=node.class_name,
            module=".".join((package, *node.path)),
            doc=_about(node),
        )
        for node in nodes
    )


def namespace_module(place: Place) -> Module:
    """Return the view of a namespace that is no endpoint."""
    imports = {
        "functools": ["cached_property"],
        "typing": ["TYPE_CHECKING"],
        f"{place.package}._runtime._generated": ["Namespace"],
    }
    return Module(
        source="specs/endpoints.toml",
        prefix=place.prefix,
        class_name=place.class_name,
        is_endpoint=False,
        doc=place.doc,
        imports=_sorted(imports),
        classes=(),
        result=None,
        fields=(),
        children=place.children,
    )


def endpoint_module(place: Place, endpoint: Endpoint, types: Types) -> Module:
    """Return the view of an endpoint, with whatever is below it."""
    classes = tuple(
        _class(model, types.fields[model.name])
        for model in endpoint.models
        if not _is_plain_file(model)
    )
    has_output = endpoint.output == Ref("Output")
    result = None if has_output and types.output.text == "Output" else types.output
    fields = next(drawn.fields for drawn in classes if drawn.name == "Input")

    used = {name for drawn in classes for field in drawn.fields for name in field.annotation.names}
    used |= {name for field in fields for name in field.argument.names}
    used |= result.names if result else set()
    runtime = {"Endpoint", "InputModel", "Request"} | {drawn.base for drawn in classes}
    runtime |= used & _RUNTIME_TYPES
    if not all(field.is_required for field in fields):
        runtime |= {"UNSET", "Unset"}
    imports = {f"{place.package}._runtime._generated": runtime}
    imports["collections.abc"] = used & {"Mapping", "Sequence"}
    typing = used & {"Annotated", "Any", "Literal"}
    pydantic = used & {"Field"}
    if any(field.wire_name is not None for drawn in classes for field in drawn.fields):
        pydantic |= {"Field"}
    if any(drawn.is_open for drawn in classes if drawn.base == "InputModel"):
        pydantic |= {"ConfigDict"}
    if result:
        typing |= {"TypeAlias"}
    if place.children:
        imports["functools"] = {"cached_property"}
        typing |= {"TYPE_CHECKING"}
    imports |= {"typing": typing, "pydantic": pydantic}
    return Module(
        source=f"specs/{endpoint.id}.json",
        prefix=endpoint.id,
        class_name=place.class_name,
        is_endpoint=True,
        doc=place.doc,
        imports=_sorted(imports),
        classes=classes,
        result=result.text if result else None,
        fields=fields,
        children=place.children,
    )


def _about(node: Node) -> Untrusted:
    if node.endpoint is None:
        return Untrusted(f"Endpoints below `{node.prefix}`.")
    return Untrusted(node.endpoint.about or f"The endpoint `{node.prefix}`.")


def _sorted(imports: Mapping[str, Iterable[str]]) -> tuple[ImportGroup, ...]:
    """Sort imports as isort does: by origin, then constants before classes before functions."""
    groups: dict[int, list[tuple[str, tuple[str, ...]]]] = {}
    for module, names in sorted(imports.items()):
        ordered = tuple(
            sorted(names, key=lambda name: (not name.isupper(), name[0].islower(), name))
        )
        if ordered:
            origin = _ORIGINS.get(module, len(_ORIGINS))
            groups.setdefault(origin, []).append((module, ordered))
    return tuple(tuple(groups[origin]) for origin in sorted(groups))


def _is_plain_file(model: Model) -> bool:
    return (
        model.direction is Direction.OUTPUT
        and model.name != "Output"
        and model.is_file
        and {prop.name for prop in model.properties} <= _FILE_FIELDS
    )


def class_of(model: Model) -> str:
    """Return the name of a model's class: one that only describes a file needs none of its own."""
    return "File" if _is_plain_file(model) else model.name


def _class(model: Model, types: tuple[PythonType, ...]) -> Class:
    is_input = model.direction is Direction.INPUT
    is_file = model.is_file and not is_input
    drawn = [
        (prop, annotation)
        for prop, annotation in zip(model.properties, types, strict=True)
        if not (is_file and prop.name in _FILE_FIELDS)
    ]
    names = field_names(
        (prop.name for prop, _ in drawn),
        classes={name for _, annotation in drawn for name in annotation.names},
    )
    return Class(
        name=model.name,
        base="InputModel" if is_input else "File" if is_file else "OutputModel",
        doc=Untrusted(model.description or ROOTS.get(model.name, "")),
        is_open=model.is_open,
        fields=tuple(
            _field(prop, names[prop.name], annotation, model.direction)
            for prop, annotation in drawn
        ),
    )


def _field(prop: Property, name: str, bare: PythonType, direction: Direction) -> Field:
    is_input = direction is Direction.INPUT
    typed = bare.or_none() if prop.nullable and bare.text != "Any" else bare
    states_default = prop.default is not None and prop.default.fits and not prop.required
    annotation = typed
    if not prop.required and not states_default and bare.text != "Any" and not prop.nullable:
        annotation = bare.omittable() if is_input else bare.or_none()
    return Field(
        name=name,
        wire_name=None if name == prop.name else Untrusted(prop.name),
        annotation=annotation,
        has_default=not prop.required,
        default=prop.default.value if prop.default and states_default else None,
        argument=typed.parameter(),
        is_required=prop.required,
        doc=Untrusted(documentation(prop, direction)),
    )
