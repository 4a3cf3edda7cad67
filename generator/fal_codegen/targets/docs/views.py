"""Views: the values that the templates of the docs print."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from fal_codegen.document.samples.model_samples import from_examples, sample
from fal_codegen.document.schema import (
    Anything,
    Array,
    Boolean,
    Enum,
    FileUrl,
    Integer,
    Map,
    Null,
    Number,
    Ref,
    Scalar,
    Schema,
    String,
    Union,
    inner,
    scalar_kind,
)
from fal_codegen.endpoint_id import document_path
from fal_codegen.exhaustive import assert_never
from fal_codegen.ir import Direction, Endpoint, Model, Property
from fal_codegen.naming import unique
from fal_codegen.render import Untrusted
from fal_codegen.snippets.literals import indented_json, javascript, shell
from fal_codegen.snippets.python_calls import PythonCall, python
from fal_codegen.targets.docs.settings import Settings
from fal_codegen.targets.docs.tool_schema import reachable
from fal_codegen.targets.prose import limits, pattern_of
from fal_codegen.targets.typescript.names import module_paths
from fal_codegen.text.escaping import json_text

MANY_OPTIONS = 12
"""The most options that a row shows; longer lists are folded."""

_OTHER = "Other"
_ACRONYMS = {"3d": "3D", "json": "JSON", "llm": "LLM"}
_LONGEST_CATEGORY = 60
_MOST_EXAMPLES = 3
_SUMMARY = 200


class PropertyRow(NamedTuple):
    """A row of a table: one property of a model.

    Attributes:
        anchor: The anchor of the row.
        type: Its type, as Markdown; models are linked to.
        plain_type: Its type, without links.
        limits: Its range, in words.
        pattern: The regular expression that the string must match.
        options: The values of its enum, as JSON.
        is_long: Whether the options are too many to show unfolded.
    """

    name: Untrusted
    anchor: str
    type: str
    plain_type: str
    required: bool
    default: Untrusted | None
    limits: tuple[str, ...]
    pattern: Untrusted | None
    options: tuple[Untrusted, ...]
    is_long: bool
    description: Untrusted
    examples: tuple[Untrusted, ...]
    deprecated: bool


class Section(NamedTuple):
    """A model with its table.

    Attributes:
        name: Its name, which its anchor ends with.
        is_input: Whether it is part of the input.
        is_open: Whether the document allows properties that it does not list.
    """

    name: str
    description: Untrusted
    is_input: bool
    is_open: bool
    fields: tuple[PropertyRow, ...]


class Snippets(NamedTuple):
    """The parts of an endpoint's examples that depend on it.

    Attributes:
        package: Import name of the Python client.
        npm_package: Name of the npm package; None without one.
        npm_module: The module of that package with the endpoint.
        module: The module of that client with the endpoint's models.
        call: The attribute path from the client to the endpoint.
        classes: The models that the call names.
        arguments: The arguments in their brackets, of a call that is indented by four spaces.
        upload: An argument that is a local file, if the call accepts a file.
        shell: The input as one word of the shell.
        python: The input as a Python dictionary.
        javascript: The input as a JavaScript object, which is indented by two spaces.
        typescript: The same, not indented.
    """

    package: str
    npm_package: str | None
    npm_module: str
    module: str
    call: str
    classes: tuple[str, ...]
    arguments: str
    upload: str | None
    shell: str
    python: str
    javascript: str
    typescript: str


class Fact(NamedTuple):
    """A value that the declaration lists for an endpoint.

    Attributes:
        link: The relative path of the page, if the value is the id of a declared endpoint.
    """

    label: Untrusted
    value: Untrusted
    link: str | None


class Page(NamedTuple):
    """The page of an endpoint.

    Attributes:
        title: Its display name; None if the catalogue has none.
        thumbnail: The URL of a picture of what it does.
        inputs: The Input, and the models that it refers to.
        outputs: The Output, if the result is a model, and the models that the result refers to.
        result: The type of the result, as Markdown.
        plain_result: The same, without links.
        minimal: An input with the required properties, as JSON.
        complete: An input with the defaults, as JSON, if it differs.
        answer: A result made of the document's own examples, as JSON, if they suffice.
        root: The relative path from the page to the root of the site.
        tool_schema: The path of the endpoint's description as a tool, from that root.
        plain_name: The name of the file with the page as plain text, in the page's folder.
    """

    id: str
    title: Untrusted | None
    about: Untrusted
    is_deprecated: bool
    thumbnail: Untrusted
    category: Untrusted
    documentation_url: Untrusted
    facts: tuple[Fact, ...]
    correction: Untrusted
    inputs: tuple[Section, ...]
    outputs: tuple[Section, ...]
    result: str
    plain_result: str
    minimal: str
    complete: str | None
    answer: str | None
    snippets: Snippets
    root: str
    tool_schema: str
    plain_name: str


class IndexEntry(NamedTuple):
    """An endpoint in the index.

    Attributes:
        path: The path of its page.
        plain_path: The path of the plain text of that page.
        title: Its display name; None if the catalogue has none.
        label: The title, with the id if other endpoints have the same title; the id without one.
    """

    id: str
    path: str
    plain_path: str
    title: Untrusted | None
    label: Untrusted
    summary: Untrusted
    is_deprecated: bool
    thumbnail: Untrusted


class Category(NamedTuple):
    """The endpoints of a category, sorted by id.

    Attributes:
        name: Its name, in words that are safe in HTML.
    """

    name: str
    entries: tuple[IndexEntry, ...]


def page_paths(ids: Sequence[str]) -> dict[str, str]:
    """Return the path of each endpoint's page in the site, by endpoint id."""
    # Site generators take these names for the page of the folder.
    taken = {name for name in ids if name.rpartition("/")[2].lower() in ("index", "readme")}
    # A page and a folder cannot have one name.
    folders = {str(folder).lower() for name in ids for folder in PurePosixPath(name).parents}
    taken |= {name for name in ids if f"{name}.md".lower() in folders}
    names = unique({name: name for name in ids}, taken=taken, form=str)
    return {name: f"endpoints/{names[name]}.md" for name in ids}


def tool_schema_path(endpoint_id: str) -> str:
    """Return the path of an endpoint's description as a tool, in the site."""
    return f"schemas/{document_path(endpoint_id)}"


def plain_path(path: str) -> str:
    """Return the path of the plain text of a page."""
    return f"{path.removesuffix('.md')}.txt"


def categories(endpoints: Sequence[Endpoint], paths: Mapping[str, str]) -> tuple[Category, ...]:
    """Return the index: every endpoint, by category.

    Args:
        endpoints: The endpoints, sorted by id.
        paths: The paths of their pages, by endpoint id.
    """
    titles = Counter(endpoint.title for endpoint in endpoints)
    groups: dict[str, list[IndexEntry]] = {}
    for endpoint in endpoints:
        label = endpoint.title or endpoint.id
        if titles[endpoint.title] > 1 and endpoint.title:
            label = f"{endpoint.title} ({endpoint.id})"
        entry = IndexEntry(
            endpoint.id,
            paths[endpoint.id],
            plain_path(paths[endpoint.id]),
            title=_title(endpoint),
            label=Untrusted(label),
            summary=Untrusted(_summary(_about(endpoint))),
            is_deprecated=endpoint.is_deprecated,
            thumbnail=Untrusted(endpoint.thumbnail_url),
        )
        groups.setdefault(_category(endpoint), []).append(entry)
    names = sorted(groups, key=lambda name: (name == _OTHER, name))
    return tuple(Category(name, tuple(groups[name])) for name in names)


def page(endpoint: Endpoint, settings: Settings, *, paths: Mapping[str, str], call: str) -> Page:
    """Return the view of an endpoint's page.

    Args:
        endpoint: The endpoint.
        settings: The settings of the site.
        paths: The paths of all pages in the site, by endpoint id.
        call: The path from the Python client to the endpoint, such as `fal_ai.flux.dev`.
    """
    models = {model.name: model for model in endpoint.models}
    given = sample(endpoint.models, Ref("Input"))
    complete = sample(endpoint.models, Ref("Input"), complete=True)
    answer = from_examples(endpoint.models, endpoint.output)
    facts = {**_price(endpoint), **settings.facts.get(endpoint.id, {})}
    root = "../" * paths[endpoint.id].count("/")
    return Page(
        id=endpoint.id,
        title=_title(endpoint),
        about=Untrusted(_about(endpoint)),
        is_deprecated=endpoint.is_deprecated,
        thumbnail=Untrusted(endpoint.thumbnail_url),
        category=Untrusted(endpoint.category),
        documentation_url=Untrusted(endpoint.documentation_url),
        facts=tuple(
            Fact(
                Untrusted(label),
                Untrusted(value),
                link=f"{root}{paths[value]}" if value in paths else None,
            )
            for label, value in facts.items()
        ),
        correction=Untrusted(endpoint.correction),
        inputs=_sections(models, Ref("Input")),
        outputs=_sections(models, endpoint.output),
        result=_type(endpoint.output, _linked),
        plain_result=_type(endpoint.output, str),
        minimal=indented_json(given),
        complete=indented_json(complete) if complete != given else None,
        answer=None if answer is None else indented_json(answer),
        snippets=_snippets(endpoint, settings, call, given),
        root=root,
        tool_schema=tool_schema_path(endpoint.id),
        plain_name=PurePosixPath(plain_path(paths[endpoint.id])).name,
    )


def _title(endpoint: Endpoint) -> Untrusted | None:
    return Untrusted(endpoint.title) if endpoint.title else None


def _about(endpoint: Endpoint) -> str:
    """Return what an endpoint does; empty if its title already says that."""
    return "" if endpoint.about == endpoint.title else endpoint.about


def _snippets(
    endpoint: Endpoint, settings: Settings, call: str, value: Mapping[str, Any]
) -> Snippets:
    python_call = PythonCall(endpoint, value)
    return Snippets(
        package=settings.package,
        npm_package=settings.npm_package,
        npm_module=f"{settings.npm_package}/{module_paths([endpoint.id])[endpoint.id]}",
        module=f"{settings.package}.{call}",
        call=call,
        classes=python_call.classes,
        arguments=python_call.arguments(indent=4),
        upload=python_call.upload,
        shell=shell(value),
        python=python(value, indent=4),
        javascript=javascript(value, indent=2),
        typescript=javascript(value, indent=0),
    )


def _sections(models: Mapping[str, Model], root: Schema) -> tuple[Section, ...]:
    """Return the models that a schema leads to, each after a model that refers to it."""
    return tuple(_section(models[name]) for name in reachable(models, [root]))


def _section(model: Model) -> Section:
    return Section(
        name=model.name,
        description=Untrusted(model.description),
        is_input=model.direction is Direction.INPUT,
        is_open=model.is_open,
        fields=tuple(
            _field(prop, _anchor(model, number))
            for number, prop in sorted(
                enumerate(model.properties), key=lambda numbered: not numbered[1].required
            )
        ),
    )


def _anchor(model: Model, number: int) -> str:
    """Return the anchor of a property, which lasts as long as the name if a URL can hold that."""
    name = model.properties[number].name
    is_plain = re.fullmatch("[A-Za-z0-9][A-Za-z0-9_.-]*", name)
    return f"{model.name}-{name}" if is_plain else f"{model.name}--{number}"


def _field(prop: Property, anchor: str) -> PropertyRow:
    options = tuple(_json(value) for value in _options(prop.schema))
    return PropertyRow(
        name=Untrusted(prop.name),
        anchor=anchor,
        type=_type(prop.schema, _linked) + " or null" * prop.nullable,
        plain_type=_type(prop.schema, str) + " or null" * prop.nullable,
        required=prop.required,
        default=None if prop.default is None else _json(prop.default.value),
        limits=tuple(limits(prop.schema)),
        pattern=None if (pattern := pattern_of(prop.schema)) is None else Untrusted(pattern),
        options=options,
        is_long=len(options) > MANY_OPTIONS,
        description=Untrusted(prop.description),
        examples=tuple(map(_json, prop.examples[:_MOST_EXAMPLES])),
        deprecated=prop.deprecated,
    )


def _linked(model: str) -> str:
    return f"[{model}](#model-{model})"


def _type(schema: Schema, of_model: Callable[[str], str]) -> str:
    match schema:
        case Ref(name):
            return of_model(name)
        case Union(members):
            return " or ".join(dict.fromkeys(_type(member, of_model) for member in members))
        case Enum(values):
            kinds = {_type(scalar_kind(value), of_model) for value in values}
            return " or ".join(sorted(kinds - {"integer"} if "number" in kinds else kinds))
        case Array(items):
            return f"list of {_type(items, of_model)}"
        case Map(values):
            return f"map to {_type(values, of_model)}"
        case FileUrl():
            return "string (URL of a file)"
        case String():
            return "string"
        case Integer():
            return "integer"
        case Number():
            return "number"
        case Boolean():
            return "boolean"
        case Null():
            return "null"
        case Anything():
            return "anything"
        case _:
            assert_never(schema)


def _options(schema: Schema) -> Iterable[Scalar]:
    """Yield the values to choose from, wherever in a schema they are."""
    if isinstance(schema, Enum):
        yield from schema.values
    for part in inner(schema):
        yield from _options(part)


def _category(endpoint: Endpoint) -> str:
    """Return the category in words that are safe in HTML, as the title of a section."""
    words = re.findall("[a-z0-9]+", endpoint.category.lower()[:_LONGEST_CATEGORY])
    if not words:
        return _OTHER
    first, *others = (_ACRONYMS.get(word, word) for word in words)
    return " ".join([first[:1].upper() + first[1:], *others])


def _price(endpoint: Endpoint) -> dict[str, str]:
    """Return the fact about the price, if it is known; the declaration may replace it."""
    return {"Price": endpoint.price.dated} if endpoint.price else {}


def _summary(about: str) -> str:
    """Return the first paragraph of a text on one line, shortened."""
    line = " ".join(re.split(r"\n\s*\n", about.strip(), maxsplit=1)[0].split())
    return line if len(line) <= _SUMMARY else f"{line[:_SUMMARY].rsplit(' ', 1)[0]} …"


def _json(value: object) -> Untrusted:
    return Untrusted(json_text(value))
