"""Comparison of two documents: paths, operations, and what operations accept and return."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from fal_codegen.document.json_values import mapping, strings
from fal_codegen.document.models import Direction
from fal_codegen.document.pointers import escape
from fal_codegen.drift import operation_rules, operations, schema_rules
from fal_codegen.drift.annotation_differences import (
    deprecation_differences,
    description_differences,
)
from fal_codegen.drift.changes import Change
from fal_codegen.drift.kinds.variant import Difference, SchemaPath, Schemas
from fal_codegen.drift.operations import Operation
from fal_codegen.drift.resolve import Resolver
from fal_codegen.drift.rule_types import Rule
from fal_codegen.drift.schemas import SchemaComparison
from fal_codegen.drift.values import are_equal, shown
from fal_codegen.text.escaping import line as one_line


@dataclass(frozen=True)
class Body:
    """The body of a request or of a response, in both documents.

    Attributes:
        at: JSON Pointer to its schema.
        old: Its schemas in the old document.
        new: Its schemas in the new one.
    """

    media_type: str
    at: str
    old: Schemas
    new: Schemas


@dataclass(frozen=True)
class Cause:
    """The differences that cause a change inside a body.

    Attributes:
        body: The body.
        differences: One difference, or several that are reported as one change: for example, if a
            property changes in the same way in two members of a union.
    """

    body: Body
    differences: tuple[Difference, ...]


class Position(NamedTuple):
    """The position of a schema in a document.

    Attributes:
        at: JSON Pointer to the schema.
        place: One of `rule_types.PLACES`.
        subject: Its name in messages.
    """

    operation: Operation
    at: str
    direction: Direction
    place: str
    subject: str


@dataclass
class DocumentComparison:
    """Compares two documents of one endpoint, or of any API."""

    old: Resolver
    new: Resolver
    endpoint: str
    _causes: dict[str, Cause] = field(default_factory=dict, init=False)
    _reported: dict[tuple[Any, ...], tuple[Any, ...]] = field(default_factory=dict, init=False)
    _schemas: dict[Direction, SchemaComparison] = field(init=False)

    def __post_init__(self) -> None:
        self._schemas = {way: SchemaComparison(self.old, self.new, way) for way in Direction}

    def changes(self) -> tuple[list[Change], Mapping[str, Cause]]:
        """Return the changes, and the causes of those inside bodies by fingerprint."""
        alike: dict[str, list[Change]] = {}
        for change in self._document():
            alike.setdefault(_key(change), []).append(change)
        changes = {key: _merged(same) for key, same in alike.items()}
        causes = {changes[key].fingerprint: cause for key, cause in self._causes.items()}
        return list(changes.values()), causes

    def _document(self) -> Iterator[Change]:
        old, new = self.old.document, self.new.document
        yield from self._info(operations.info(self.old), operations.info(self.new))
        before, after = operations.by_path(self.old), operations.by_path(self.new)
        paths = {path for path, _ in after}
        # Sorted by name, so that a shared response is always reported for the same operation.
        for key, was in sorted(before.items(), key=lambda item: item[1].name):
            if key in after:
                yield from self._operation(was, after[key])
            else:
                removal = (
                    operation_rules.OPERATION_REMOVED
                    if key[0] in paths
                    else operation_rules.PATH_REMOVED
                )
                is_announced = was.node.get("deprecated") is True
                rule = removal.announced if is_announced else removal.unannounced
                yield self._change(rule, was, was.at)
        for key, now in after.items():
            if key not in before:
                yield self._change(operation_rules.OPERATION_ADDED, now, now.at)
        if not are_equal(old.get("webhooks"), new.get("webhooks")):
            yield self._change(operation_rules.CALLBACKS_CHANGED, None, "/webhooks")

    def _operation(self, was: Operation, now: Operation) -> Iterator[Change]:
        yield from self._servers(was, now)
        yield from self._security(was, now)
        yield from self._descriptions(was, now)
        yield from self._parameters(was, now)
        yield from self._body(was, now)
        yield from self._responses(was, now)

    def _change(
        self,
        rule: Rule,
        operation: Operation | None,
        at: str,
        old: Any = None,
        new: Any = None,
        *,
        subject: str = "",
    ) -> Change:
        """Return the change that a rule describes, with its message filled in."""
        text = rule.message.format(old=shown(old), new=shown(new), before=old, after=new)
        return Change(
            id=rule.id,
            level=rule.level,
            endpoint=self.endpoint,
            operation=operation.name if operation else "",
            direction=rule.direction,
            pointer=at,
            old=old,
            new=new,
            text=one_line(f"{subject}: {text}" if subject else text),
            subject=one_line(subject),
        )

    def _changes(
        self, position: Position, old: Schemas, new: Schemas
    ) -> Iterator[tuple[Change, Difference]]:
        """Yield the changes between two schemas of an operation, each with its difference."""
        for difference in self._schemas[position.direction].differences(old, new):
            yield self._to_change(position, difference), difference

    def _to_change(self, position: Position, difference: Difference) -> Change:
        """Convert a difference to a change."""
        operation, at, direction, place, subject = position
        if difference.path:
            at += "".join(f"/{escape(token)}" for tokens in difference.path for token in tokens)
            place = "property" if place == "body" else f"{place}-property"
            path = _path_text(difference.path)
            subject += f" `{path}`" if path else ""
        rule = difference.rule.at(direction, place)
        assert rule is not None, f"{difference.rule.name} cannot occur at a {place}"
        change = self._change(rule, operation, at, difference.old, difference.new, subject=subject)
        distinctions = (difference.distinction,) if difference.distinction else ()
        return replace(change, distinctions=distinctions)

    def _info(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
        for key in sorted({*before, *after}):
            if not are_equal(before.get(key), after.get(key)):
                change = self._change(operation_rules.INFO_CHANGED, None, f"/info/{key}", key, key)
                yield replace(change, old=before.get(key), new=after.get(key))

    def _descriptions(self, was: Operation, now: Operation) -> Iterator[Change]:
        if (was.node.get("deprecated") is True) != (now.node.get("deprecated") is True):
            is_now = now.node.get("deprecated") is True
            rule = (
                operation_rules.ENDPOINT_DEPRECATED
                if is_now
                else operation_rules.ENDPOINT_REACTIVATED
            )
            yield self._change(rule, now, f"{now.at}/deprecated")
        before, after = was.node.get("operationId"), now.node.get("operationId")
        if before != after:
            at = f"{now.at}/operationId"
            yield self._change(operation_rules.OPERATION_ID_CHANGED, now, at, before, after)
        if sorted(strings(was.node.get("tags"))) != sorted(strings(now.node.get("tags"))):
            before, after = was.node.get("tags"), now.node.get("tags")
            yield self._change(operation_rules.TAGS_CHANGED, now, f"{now.at}/tags", before, after)
        for keyword in ("summary", "description"):
            before, after = was.node.get(keyword), now.node.get(keyword)
            if (before or "") != (after or ""):
                at = f"{now.at}/{keyword}"
                yield self._change(
                    operation_rules.ENDPOINT_DESCRIPTION_CHANGED, now, at, before, after
                )
        if not are_equal(was.node.get("callbacks"), now.node.get("callbacks")):
            yield self._change(operation_rules.CALLBACKS_CHANGED, now, f"{now.at}/callbacks")

    def _servers(self, was: Operation, now: Operation) -> Iterator[Change]:
        before, _ = operations.servers(self.old, was)
        after, at = operations.servers(self.new, now)
        where = None if at == "/servers" else now
        if self.endpoint:  # fal clients ignore the document's servers
            if before != after:
                yield self._change(
                    operation_rules.SERVERS_CHANGED, where, at, sorted(before), sorted(after)
                )
            return
        for url in sorted(before - after):
            yield self._change(operation_rules.SERVER.removed, where, at, url, None)
        for url in sorted(after - before):
            yield self._change(operation_rules.SERVER.added, where, at, None, url)

    def _security(self, was: Operation, now: Operation) -> Iterator[Change]:
        """Compare the ways to authenticate; an old one still works if a new one needs no more."""
        before, _ = operations.security(self.old, was)
        after, at = operations.security(self.new, now)
        where = None if at == "/security" else now
        if self.endpoint:  # fal clients ignore the document's authentication
            if before != after:
                yield self._change(
                    operation_rules.SECURITY_CHANGED, where, at, sorted(before), sorted(after)
                )
            return
        for text, way in sorted(before.items()):
            if not any(other <= way for other in after.values()):
                rule = operation_rules.SECURITY_REMOVED if way else operation_rules.SECURITY_ADDED
                required = None if way else " or ".join(sorted(after))
                yield self._change(rule, where, at, text or None, required)
        for text, way in sorted(after.items()):
            if not any(other <= way for other in before.values()):
                yield self._change(
                    operation_rules.SECURITY_ALTERNATIVE_ADDED, where, at, None, text or "none"
                )

    def _parameters(self, was: Operation, now: Operation) -> Iterator[Change]:
        before, after = operations.parameters(self.old, was), operations.parameters(self.new, now)
        for key in dict.fromkeys([*before, *after]):
            old, at_old = before.get(key, ({}, ""))
            new, at_new = after.get(key, ({}, ""))
            place, name = (new or old).get("in"), (new or old).get("name")
            subject = f"{place} parameter `{name}`"
            if not new:
                yield self._change(operation_rules.PARAMETER_REMOVED, was, at_old, subject=subject)
            elif not old:
                rule = operation_rules.PARAMETER_ADDED.of(new.get("required") is True)
                yield self._change(rule, now, at_new, subject=subject)
            else:
                yield from self._parameter(now, old, new, at_new, subject)

    def _parameter(
        self,
        now: Operation,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
        at: str,
        subject: str,
    ) -> Iterator[Change]:
        position = Position(now, at, Direction.INPUT, "parameter", subject)
        is_required = new.get("required") is True
        if (old.get("required") is True) != is_required and new.get("in") != "path":
            rule = schema_rules.BECAME_REQUIRED if is_required else schema_rules.BECAME_OPTIONAL
            yield self._to_change(position, Difference(rule))
        for found in (*deprecation_differences(old, new), *description_differences(old, new)):
            yield self._to_change(position, found)
        before, after = operations.style(old), operations.style(new)
        if before != after:
            changed = operation_rules.PARAMETER_STYLE_CHANGED
            yield self._change(changed, now, at, before, after, subject=subject)
        position = position._replace(at=f"{at}/schema")
        schemas = operations.schema_of(old), operations.schema_of(new)
        yield from (change for change, _ in self._changes(position, *schemas))

    def _body(self, was: Operation, now: Operation) -> Iterator[Change]:
        at = f"{now.at}/requestBody"
        had, has = "requestBody" in was.node, "requestBody" in now.node
        old = self.old.node(was.node.get("requestBody"))
        new = self.new.node(now.node.get("requestBody"))
        is_required = new.get("required") is True
        if had != has:
            rule = (
                operation_rules.BODY_ADDED.of(is_required) if has else operation_rules.BODY_REMOVED
            )
            yield self._change(rule, now, at)
            return
        if (old.get("required") is True) != is_required:
            yield self._change(operation_rules.BODY_BECAME.of(is_required), now, f"{at}/required")
        yield from self._content(old, new, Position(now, at, Direction.INPUT, "body", "input"))

    def _content(
        self, old: Mapping[str, Any], new: Mapping[str, Any], position: Position
    ) -> Iterator[Change]:
        """Yield the changes of the body at a position."""
        now, subject = position.operation, position.subject
        is_input = position.direction is Direction.INPUT
        media_type = (
            operation_rules.REQUEST_MEDIA_TYPE if is_input else operation_rules.RESPONSE_MEDIA_TYPE
        )
        before, after = operations.content(old), operations.content(new)
        for name in dict.fromkeys([*before, *after]):
            at = f"{position.at}/content/{escape(name)}"
            if name not in after:
                yield self._change(media_type.removed, now, at, name, None, subject=subject)
            elif name not in before:
                yield self._change(media_type.added, now, at, None, name, subject=subject)
            else:
                schemas = operations.schema_of(before[name]), operations.schema_of(after[name])
                body = Body(name, f"{at}/schema", *schemas)
                yield from self._body_changes(body, position._replace(at=body.at))

    def _body_changes(self, body: Body, position: Position) -> Iterator[Change]:
        """Yield the changes of a body, only once if several operations share a component."""
        roots = tuple(
            resolver.node(schemas[0]) if schemas else {}
            for resolver, schemas in ((self.old, body.old), (self.new, body.new))
        )
        key = (id(roots[0]), id(roots[1]), position.direction, position.subject)
        if key in self._reported:
            return
        self._reported[key] = roots
        for change, difference in self._changes(position, body.old, body.new):
            cause = self._causes.get(_key(change))
            differences = (*cause.differences, difference) if cause else (difference,)
            self._causes[_key(change)] = Cause(body, differences)
            yield change

    def _responses(self, was: Operation, now: Operation) -> Iterator[Change]:
        before = mapping(was.node.get("responses"))
        after = mapping(now.node.get("responses"))
        for status in sorted({*before, *after}, key=str):
            at = f"{now.at}/responses/{escape(str(status))}"
            presence = (
                operation_rules.SUCCESS_STATUS
                if str(status)[:1] in "123"
                else operation_rules.OTHER_STATUS
            )
            if status not in after:
                yield self._change(presence.removed, now, at, status, None)
            elif status not in before:
                yield self._change(presence.added, now, at, None, status)
            else:
                old, new = self.old.node(before[status]), self.new.node(after[status])
                subject = "output" if str(status) == "200" else f"output of status {status}"
                position = Position(now, at, Direction.OUTPUT, "body", subject)
                yield from self._content(old, new, position)
                yield from self._headers(old, new, position._replace(place="header"))

    def _headers(
        self, old: Mapping[str, Any], new: Mapping[str, Any], position: Position
    ) -> Iterator[Change]:
        """Yield the changes in the headers of the response at a position."""
        now = position.operation
        before, after = operations.headers(old), operations.headers(new)
        for name in dict.fromkeys([*before, *after]):
            at = f"{position.at}/headers/{escape(name)}"
            subject = f"{position.subject}, header `{name}`"
            was, is_now = self.old.node(before.get(name)), self.new.node(after.get(name))
            was_required, is_required = was.get("required") is True, is_now.get("required") is True
            if name not in after:
                rule = operation_rules.HEADER_REMOVED.of(was_required)
                yield self._change(rule, now, at, subject=subject)
            elif name not in before:
                yield self._change(operation_rules.HEADER_ADDED, now, at, subject=subject)
            else:
                if was_required != is_required:
                    rule = operation_rules.HEADER_BECAME.of(is_required)
                    yield self._change(rule, now, at, subject=subject)
                header = position._replace(at=f"{at}/schema", subject=subject)
                schemas = operations.schema_of(was), operations.schema_of(is_now)
                yield from (change for change, _ in self._changes(header, *schemas))


def _key(change: Change) -> str:
    """Return a key that changes share if they are reported as one."""
    return replace(change, distinctions=()).fingerprint


def _merged(changes: Sequence[Change]) -> Change:
    """Return changes that are reported as one, with a fingerprint that stands for all of them."""
    distinctions = {each for change in changes for each in change.distinctions}
    return replace(changes[-1], distinctions=tuple(sorted(distinctions)))


def _path_text(path: SchemaPath) -> str:
    """Return the path of a value for messages: `loras[].path`."""
    text = ""
    for tokens in path:
        match tokens:
            case ("properties", name):
                text += f".{name}"
            case ("prefixItems", index):
                text += f"[{index}]"
            case ("items",):
                text += "[]"
            case _:
                text += "{}"
    return text.removeprefix(".")
