"""Names in the generated Python client: reserved names, field names, and the tree of namespaces.

The docs, the playground and the stubs name the parts of the client as well.
"""

from __future__ import annotations

import keyword
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from fal_codegen.file_names import DEVICES
from fal_codegen.ir import Endpoint
from fal_codegen.naming import class_name, identifier, unique

RESERVED_CLASS_NAMES = frozenset(
    """
    Annotated Any Client ConfigDict Endpoint Fal False Field File FileInput FileLimits Handle Input
    InputModel ListInput Literal MapInput Mapping Namespace None Omittable OneOf Output OutputModel
    Request RootModel Sequence TYPE_CHECKING Tagged True TypeAlias UNSET UniqueItems Unset UrlLength
    """.split()
)
"""Class names that no model gets: generated modules import or define them."""

# Listed rather than inspected: what pydantic and the runtime define depends on their version, and
# generated names must not. A test compares the lists with the installed versions.
_MODEL_ATTRIBUTES = frozenset(
    """
    construct copy dict download download_async from_orm json model_computed_fields
    model_config model_construct model_copy model_dump model_dump_json model_extra
    model_fields model_fields_set model_json_schema model_parametrized_name model_post_init
    model_rebuild model_validate model_validate_json model_validate_strings parse_file
    parse_obj parse_raw schema schema_json update_forward_refs validate
    """.split()
)
_TYPE_NAMES = frozenset(["bool", "bytes", "dict", "float", "int", "list", "str"])
FIELD_NAMES_TAKEN = frozenset({*keyword.kwlist, "self", *_MODEL_ATTRIBUTES, *_TYPE_NAMES})
"""Names that a property cannot have in Python."""

_NO_FIELDS = FIELD_NAMES_TAKEN | RESERVED_CLASS_NAMES

ENDPOINT_ATTRIBUTES = frozenset(
    "bind connect connect_async endpoint_id handle map map_async parse_webhook types".split()
)
"""Public attributes of an endpoint, which no endpoint below it can be named after."""

_DECORATORS = frozenset({"cached_property"})
"""Names that the bodies of node classes call."""

CLIENT_ATTRIBUTES = frozenset(
    """
    aclose close connection endpoint endpoint_ids map map_async prices prices_async sign_url
    sign_url_async token token_async upload upload_async verify_webhook verify_webhook_async
    """.split()
)
"""Public attributes of the client, which no owner of endpoints can be named after."""

PACKAGE_MODULES = frozenset({"proxy"})
"""Public modules of the package that no owner of endpoints can be named after either."""


class Node(NamedTuple):
    """A segment of endpoint ids: a namespace, an endpoint, or both.

    Attributes:
        path: The module path below the package, and the attribute path from the client.
        prefix: The start of the ids of its endpoints, such as `fal-ai/pika/v2.2`.
        class_name: The name of its class.
        endpoint: The endpoint whose id is the prefix, if there is one.
        children: The nodes below, sorted by name.
    """

    path: tuple[str, ...]
    prefix: str
    class_name: str
    endpoint: Endpoint | None
    children: tuple[Node, ...]

    @property
    def name(self) -> str:
        """The name of its attribute."""
        return self.path[-1]

    @property
    def file(self) -> str:
        """The path of its module below the package."""
        inside = "/".join(self.path)
        return f"{inside}/__init__.py" if self.children else f"{inside}.py"


def call_paths(ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the attribute path from the client to each id and each shared prefix of ids."""
    paths: dict[str, tuple[str, ...]] = {"": ()}
    waiting = [("", sorted(ids))]
    while waiting:
        prefix, below = waiting.pop()
        groups: dict[str, list[str]] = {}
        for endpoint_id in below:
            if endpoint_id != prefix:
                rest = endpoint_id.removeprefix(f"{prefix}/") if prefix else endpoint_id
                groups.setdefault(rest.split("/")[0], []).append(endpoint_id)
        taken = ENDPOINT_ATTRIBUTES if prefix else CLIENT_ATTRIBUTES | PACKAGE_MODULES
        names = unique(
            {segment: segment for segment in groups},
            taken=taken | frozenset(keyword.kwlist) | _DECORATORS | DEVICES,  # it names a module
            form=lambda text: identifier(text).lower(),
        )
        for segment, members in groups.items():
            inner = f"{prefix}/{segment}" if prefix else segment
            paths[inner] = (*paths[prefix], names[segment])
            waiting.append((inner, members))
    del paths[""]
    return paths


def tree(endpoints: Iterable[Endpoint]) -> tuple[Node, ...]:
    """Return the tree of nodes below the client; each endpoint has one path."""
    by_id = {endpoint.id: endpoint for endpoint in endpoints}
    paths = call_paths(by_id)
    below: dict[str, list[str]] = {}
    for prefix in sorted(paths, key=paths.__getitem__):
        below.setdefault(prefix.rpartition("/")[0], []).append(prefix)

    def nodes(parent: str, own_class: str) -> tuple[Node, ...]:
        prefixes = below.get(parent, [])
        # A node's module imports the classes of its children beside its endpoint's models.
        models = [model.name for model in by_id[parent].models] if parent in by_id else []
        taken = RESERVED_CLASS_NAMES | {*models, own_class}
        usual = {p: class_name(paths[p][-1]) for p in prefixes}
        own = {p: by_id[p].class_name if p in by_id else usual[p] for p in prefixes}
        count = Counter(own.values())
        wanted = {p: own[p] if count[own[p]] == 1 else usual[p] for p in prefixes}
        classes = unique(wanted, taken=taken, form=str)
        return tuple(
            Node(
                path=paths[prefix],
                prefix=prefix,
                class_name=classes[prefix],
                endpoint=by_id.get(prefix),
                children=nodes(prefix, classes[prefix]),
            )
            for prefix in prefixes
        )

    return nodes("", "Fal")


def walk(nodes: Iterable[Node]) -> Iterator[Node]:
    """Yield nodes, each followed by all nodes below it."""
    for node in nodes:
        yield node
        yield from walk(node.children)


def field_names(properties: Iterable[str], *, classes: Iterable[str]) -> dict[str, str]:
    """Return the Python name of each property of a model.

    Args:
        properties: The names on the wire.
        classes: The names that the types of the model's fields refer to.
    """
    wire = {name: name for name in properties}
    taken = _NO_FIELDS.union(classes)
    return unique(wire, taken=taken, form=_field_name)


def _field_name(text: str) -> str:
    return text if text.isascii() and text.isidentifier() and text[0] != "_" else identifier(text)
