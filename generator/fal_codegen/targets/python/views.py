"""What the Python templates see: plain values, one per thing that is drawn."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fal_codegen.ir import REF, Direction, Endpoint, Model, Property
from fal_codegen.render import Untrusted
from fal_codegen.targets.python.names import Node, field_names
from fal_codegen.targets.python.types import Types, names_in

_ORIGINS = {"functools": 0, "typing": 0, "pydantic": 1}
_ROOTS = {"Input": "What the endpoint takes.", "Output": "What the endpoint returns."}
_RUNTIME_TYPES = frozenset({"File", "FileInput", "Omittable", "OneOf", "UniqueItems", "UrlLength"})
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
        argument: Its type as an argument.
        doc: Its description, with its range and the server's default.
    """

    name: str
    wire_name: Untrusted | None
    annotation: str
    has_default: bool
    default: object
    argument: str
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


def namespace_module(node: Node, package: str) -> Module:
    """Return the view of a namespace that is no endpoint."""
    imports = {
        "functools": ["cached_property"],
        "typing": ["TYPE_CHECKING"],
        f"{package}._runtime": ["Namespace"],
    }
    return Module(
        source="specs/endpoints.toml",
        prefix=node.prefix,
        class_name=node.class_name,
        is_endpoint=False,
        doc=Untrusted(f"Endpoints below `{node.prefix}`."),
        imports=_sorted(imports),
        classes=(),
        result=None,
        fields=(),
        children=children(node.children, package),
    )


def endpoint_module(node: Node, endpoint: Endpoint, types: Types, package: str) -> Module:
    """Return the view of an endpoint, with whatever is below it."""
    file_classes = {model.name: "File" for model in endpoint.models if _is_plain_file(model)}
    classes = tuple(
        _class(model, types.fields[model.name], file_classes)
        for model in endpoint.models
        if model.name not in file_classes
    )
    result = _renamed(types.output, file_classes)
    if result == "Output" and endpoint.output.get("$ref") == f"{REF}Output":
        result = ""
    fields = next(drawn.fields for drawn in classes if drawn.name == "Input")

    used = {name for drawn in classes for field in drawn.fields for name in _names(field)}
    used |= set(names_in(result)) if result else set()
    runtime = {"Endpoint", "InputModel", "Request"} | {drawn.base for drawn in classes}
    runtime |= used & _RUNTIME_TYPES
    if not all(field.is_required for field in fields):
        runtime |= {"UNSET", "Unset"}
    imports = {f"{package}._runtime": runtime}
    typing = used & {"Annotated", "Any", "Literal"}
    pydantic = used & {"Field"}
    if any(field.wire_name for drawn in classes for field in drawn.fields):
        pydantic |= {"Field"}
    if any(drawn.is_open for drawn in classes if drawn.base == "InputModel"):
        pydantic |= {"ConfigDict"}
    if result:
        typing |= {"TypeAlias"}
    if node.children:
        imports["functools"] = {"cached_property"}
        typing |= {"TYPE_CHECKING"}
    imports |= {"typing": typing, "pydantic": pydantic}
    return Module(
        source=f"specs/{endpoint.id}.json",
        prefix=endpoint.id,
        class_name=node.class_name,
        is_endpoint=True,
        doc=_about(node),
        imports=_sorted(imports),
        classes=classes,
        result=result or None,
        fields=fields,
        children=children(node.children, package),
    )


def _about(node: Node) -> Untrusted:
    if node.endpoint is None:
        return Untrusted(f"Endpoints below `{node.prefix}`.")
    return Untrusted(node.endpoint.about or f"The endpoint `{node.prefix}`.")


def _names(field: Field) -> set[str]:
    return set(names_in(field.annotation))


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


def _class(model: Model, types: tuple[str, ...], file_classes: dict[str, str]) -> Class:
    is_input = model.direction is Direction.INPUT
    is_file = model.is_file and not is_input
    annotations = [_renamed(annotation, file_classes) for annotation in types]
    drawn = [
        (prop, annotation)
        for prop, annotation in zip(model.properties, annotations, strict=True)
        if not (is_file and prop.name in _FILE_FIELDS)
    ]
    names = field_names(
        (prop.name for prop, _ in drawn),
        classes={name for _, annotation in drawn for name in names_in(annotation)},
    )
    return Class(
        name=model.name,
        base="InputModel" if is_input else "File" if is_file else "OutputModel",
        doc=Untrusted(model.description or _ROOTS.get(model.name, "")),
        is_open=model.is_open,
        fields=tuple(
            _field(prop, names[prop.name], annotation, is_input) for prop, annotation in drawn
        ),
    )


def _field(prop: Property, name: str, bare: str, is_input: bool) -> Field:
    typed = f"{bare} | None" if prop.nullable and bare != "Any" else bare
    states_default = prop.default is not None and prop.default.fits and not prop.required
    annotation = typed
    if not prop.required and not states_default and bare != "Any" and not prop.nullable:
        annotation = f"Omittable[{bare}]" if is_input else f"{bare} | None"
    return Field(
        name=name,
        wire_name=None if name == prop.name else Untrusted(prop.name),
        annotation=annotation,
        has_default=not prop.required,
        default=prop.default.value if prop.default and states_default else None,
        argument=typed if prop.required else f"{typed} | Unset",
        is_required=prop.required,
        doc=Untrusted(_documentation(prop) if is_input else _sentence(prop.description)),
    )


def _documentation(prop: Property) -> str:
    parts = [prop.description]
    if not prop.description and prop.examples:
        parts.append(f"For example: `{_json(prop.examples[0])}`")
    whose = "Of its URL, c" if prop.schema.get("format") == "file" else "C"
    parts.extend(
        f"{word.replace('C', whose)} {prop.schema[keyword]}"
        for keyword, word in _RANGE
        if keyword in prop.schema
    )
    if prop.default is not None:
        parts.append(f"Default on the server: `{_json(prop.default.value)}`")
    if prop.deprecated:
        parts.append("Deprecated")
    return " ".join(_sentence(part) for part in parts if part)


def _sentence(text: str) -> str:
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."


_RANGE = (
    ("minimum", "At least"),
    ("exclusiveMinimum", "More than"),
    ("maximum", "At most"),
    ("exclusiveMaximum", "Less than"),
    ("minItems", "Items at least:"),
    ("maxItems", "Items at most:"),
    ("minLength", "Characters at least:"),
    ("maxLength", "Characters at most:"),
)


def _json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:200]}…"


def _renamed(annotation: str, names: dict[str, str]) -> str:
    if names.keys().isdisjoint(names_in(annotation)):
        return annotation
    expression = ast.parse(annotation, mode="eval")
    for node in ast.walk(expression):
        if isinstance(node, ast.Name):
            node.id = names.get(node.id, node.id)
    return ast.unparse(expression)
