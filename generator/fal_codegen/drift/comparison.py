"""The walk over two documents: paths, methods, and what each operation takes and answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fal_codegen.document.json_values import mapping, strings
from fal_codegen.document.pointers import escape
from fal_codegen.drift import operations, rules
from fal_codegen.drift.changes import Change, Direction
from fal_codegen.drift.differences import Difference
from fal_codegen.drift.kinds.variant import Schemas
from fal_codegen.drift.operations import Operation
from fal_codegen.drift.resolve import Resolver
from fal_codegen.drift.rules import Rule
from fal_codegen.drift.schemas import SchemaComparison
from fal_codegen.drift.values import one_line, same, shown


@dataclass(frozen=True)
class Body:
    """The body of a request or of an answer, in both documents.

    Attributes:
        at: JSON Pointer to its schema.
        old: Its schemas in the old document.
        new: Those in the new one.
    """

    media_type: str
    at: str
    old: Schemas
    new: Schemas


@dataclass(frozen=True)
class Cause:
    """What a change inside a body comes from.

    Attributes:
        differences: One, or several that are reported as one: if a property of two members of a
            union changes alike, for example.
    """

    body: Body
    differences: tuple[Difference, ...]


@dataclass
class Comparison:
    """Compares two documents of one endpoint, or of any API."""

    old: Resolver
    new: Resolver
    endpoint: str
    causes: dict[str, Cause] = field(default_factory=dict, init=False)
    """What each change inside a body comes from, by its fingerprint; filled by `changes`."""
    _said: dict[tuple[Any, ...], tuple[Any, ...]] = field(default_factory=dict, init=False)
    _incoming: SchemaComparison = field(init=False)
    _outgoing: SchemaComparison = field(init=False)

    def __post_init__(self) -> None:
        self._incoming = SchemaComparison(self.old, self.new, Direction.INPUT)
        self._outgoing = SchemaComparison(self.old, self.new, Direction.OUTPUT)

    def changes(self) -> Iterator[Change]:
        """Yield every change."""
        old, new = self.old.document, self.new.document
        yield from self._info(operations.info(self.old), operations.info(self.new))
        before, after = operations.by_path(self.old), operations.by_path(self.new)
        paths = {path for path, _ in after}
        # By name, so that the answer that is described is the same whatever the order of the keys.
        for key, was in sorted(before.items(), key=lambda item: item[1].name):
            if key in after:
                yield from self._operation(was, after[key])
            else:
                what = "api" if key[0] in paths else "api-path"
                announced = "with" if was.node.get("deprecated") is True else "without"
                yield self._change(f"{what}-removed-{announced}-deprecation", was, was.at)
        for key, now in after.items():
            if key not in before:
                yield self._change("endpoint-added", now, now.at)
        if not same(old.get("webhooks"), new.get("webhooks")):
            yield self._change("callbacks-changed", None, "/webhooks")

    def _operation(self, was: Operation, now: Operation) -> Iterator[Change]:
        yield from self._servers(was, now)
        yield from self._security(was, now)
        yield from self._told(was, now)
        yield from self._parameters(was, now)
        yield from self._body(was, now)
        yield from self._responses(was, now)

    def _change(
        self,
        id: str,
        operation: Operation | None,
        pointer: str,
        old: Any = None,
        new: Any = None,
        *,
        subject: str = "",
    ) -> Change:
        return self._by(rules.RULES[id], operation, pointer, old, new, subject)

    def _by(
        self,
        rule: Rule,
        operation: Operation | None,
        pointer: str,
        old: Any,
        new: Any,
        subject: str,
    ) -> Change:
        """Return a change by a rule."""
        told = rule.message.format(old=shown(old), new=shown(new), before=old, after=new)
        return Change(
            id=rule.id,
            level=rule.level,
            endpoint=self.endpoint,
            operation=operation.name if operation else "",
            direction=rule.direction,
            pointer=pointer,
            old=old,
            new=new,
            text=one_line(f"{subject}: {told}" if subject else told),
            subject=one_line(subject),
        )

    def _schemas(
        self,
        operation: Operation,
        pointer: str,
        old: Schemas,
        new: Schemas,
        *,
        direction: Direction,
        place: str,
        subject: str,
    ) -> Iterator[tuple[Change, Difference]]:
        """Yield what changed in a schema of an operation, each with the difference that it is."""
        walk = self._incoming if direction is Direction.INPUT else self._outgoing
        inner = "property" if place == "body" else f"{place}-property"
        for found in walk.differences(old, new):
            path = _spelled(found.path)
            rule = found.rule.at(direction, inner if found.path else place)
            assert rule is not None, f"{found.rule.name} cannot occur at a {place}"
            at = pointer + "".join(f"/{escape(token)}" for token in found.path)
            about = f"{subject} `{path}`" if path else subject
            yield self._by(rule, operation, at, found.old, found.new, about), found

    def _info(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
        for key in sorted({*before, *after}):
            if not same(before.get(key), after.get(key)):
                change = self._change("api-info-changed", None, f"/info/{key}", key, key)
                yield replace(change, old=before.get(key), new=after.get(key))

    def _told(self, was: Operation, now: Operation) -> Iterator[Change]:
        if (was.node.get("deprecated") is True) != (now.node.get("deprecated") is True):
            is_now = now.node.get("deprecated") is True
            id = "endpoint-deprecated" if is_now else "endpoint-reactivated"
            yield self._change(id, now, f"{now.at}/deprecated")
        before, after = was.node.get("operationId"), now.node.get("operationId")
        if before != after:
            at = f"{now.at}/operationId"
            yield self._change("api-operation-id-changed", now, at, before, after)
        if sorted(strings(was.node.get("tags"))) != sorted(strings(now.node.get("tags"))):
            yield self._change(
                "api-tags-changed",
                now,
                f"{now.at}/tags",
                was.node.get("tags"),
                now.node.get("tags"),
            )
        for keyword in ("summary", "description"):
            before, after = was.node.get(keyword), now.node.get(keyword)
            if (before or "") != (after or ""):
                at = f"{now.at}/{keyword}"
                yield self._change("endpoint-description-changed", now, at, before, after)
        if not same(was.node.get("callbacks"), now.node.get("callbacks")):
            yield self._change("callbacks-changed", now, f"{now.at}/callbacks")

    def _servers(self, was: Operation, now: Operation) -> Iterator[Change]:
        (before, _), (after, at) = (
            operations.servers(self.old, was),
            operations.servers(self.new, now),
        )
        where = None if at == "/servers" else now
        if self.endpoint:  # a client knows fal's addresses, and reads none in a document
            if before != after:
                yield self._change("api-servers-changed", where, at, sorted(before), sorted(after))
            return
        for url in sorted(before - after):
            yield self._change("api-server-removed", where, at, url, None)
        for url in sorted(after - before):
            yield self._change("api-server-added", where, at, None, url)

    def _security(self, was: Operation, now: Operation) -> Iterator[Change]:
        """Compare the ways to authenticate; a way suffices still if one asks for no more."""
        (before, _), (after, at) = (
            operations.security(self.old, was),
            operations.security(self.new, now),
        )
        where = None if at == "/security" else now
        if self.endpoint:  # nor how to authenticate
            if before != after:
                was_asked, is_asked = sorted(before), sorted(after)
                yield self._change("api-security-changed", where, at, was_asked, is_asked)
            return
        for text, way in sorted(before.items()):
            if not any(other <= way for other in after.values()):
                id = "api-security-removed" if way else "api-security-added"
                asked = None if way else " or ".join(sorted(after))
                yield self._change(id, where, at, text or None, asked)
        for text, way in sorted(after.items()):
            if not any(other <= way for other in before.values()):
                yield self._change(
                    "api-security-alternative-added", where, at, None, text or "none"
                )

    def _parameters(self, was: Operation, now: Operation) -> Iterator[Change]:
        before, after = operations.parameters(self.old, was), operations.parameters(self.new, now)
        for key in dict.fromkeys([*before, *after]):
            old, at_old = before.get(key, ({}, ""))
            new, at_new = after.get(key, ({}, ""))
            place, name = (new or old).get("in"), (new or old).get("name")
            subject = f"{place} parameter `{name}`"
            if not new:
                yield self._change("request-parameter-removed", was, at_old, subject=subject)
            elif not old:
                kind = "required" if new.get("required") is True else "optional"
                id = f"new-{kind}-request-parameter"
                yield self._change(id, now, at_new, subject=subject)
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
        is_required = new.get("required") is True
        found: list[Difference] = []
        if (old.get("required") is True) != is_required and new.get("in") != "path":
            found.append(Difference(rules.REQUIRED.set if is_required else rules.REQUIRED.unset))
        is_deprecated = new.get("deprecated") is True
        if (old.get("deprecated") is True) != is_deprecated:
            found.append(
                Difference(rules.DEPRECATED.set if is_deprecated else rules.DEPRECATED.unset)
            )
        before, after = old.get("description"), new.get("description")
        if (before or "") != (after or ""):
            found.append(Difference(rules.DESCRIPTION_CHANGED, old=before, new=after))
        for one in found:
            rule = one.rule.at(Direction.INPUT, "parameter")
            assert rule is not None
            yield self._by(rule, now, at, one.old, one.new, subject)
        style, styled = operations.style(old), operations.style(new)
        if style != styled:
            yield self._change(
                "request-parameter-style-changed", now, at, style, styled, subject=subject
            )
        for change, _ in self._schemas(
            now,
            f"{at}/schema",
            operations.schema_of(old),
            operations.schema_of(new),
            direction=Direction.INPUT,
            place="parameter",
            subject=subject,
        ):
            yield change

    def _body(self, was: Operation, now: Operation) -> Iterator[Change]:
        at = f"{now.at}/requestBody"
        had, has = "requestBody" in was.node, "requestBody" in now.node
        old = self.old.node(was.node.get("requestBody"))
        new = self.new.node(now.node.get("requestBody"))
        is_required = new.get("required") is True
        if had != has:
            added = f"added-{'required' if is_required else 'optional'}"
            yield self._change(f"request-body-{added if has else 'removed'}", now, at)
            return
        if (old.get("required") is True) != is_required:
            verb = "required" if is_required else "optional"
            yield self._change(f"request-body-became-{verb}", now, f"{at}/required")
        yield from self._content(
            now, old, new, at, direction=Direction.INPUT, subject="input", prefix="request-body"
        )

    def _content(
        self,
        now: Operation,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
        at: str,
        *,
        direction: Direction,
        subject: str,
        prefix: str,
    ) -> Iterator[Change]:
        before, after = operations.content(old), operations.content(new)
        for name in dict.fromkeys([*before, *after]):
            here = f"{at}/content/{escape(name)}"
            if name not in after:
                id = f"{prefix}-media-type-removed"
                yield self._change(id, now, here, name, None, subject=subject)
            elif name not in before:
                id = f"{prefix}-media-type-added"
                yield self._change(id, now, here, None, name, subject=subject)
            else:
                body = Body(
                    name,
                    f"{here}/schema",
                    operations.schema_of(before[name]),
                    operations.schema_of(after[name]),
                )
                yield from self._body_schemas(now, body, direction, subject)

    def _body_schemas(
        self, now: Operation, body: Body, direction: Direction, subject: str
    ) -> Iterator[Change]:
        """Yield what changed in a body; once, if several operations refer to the same component."""
        roots = tuple(
            reading.node(schemas[0]) if schemas else {}
            for reading, schemas in ((self.old, body.old), (self.new, body.new))
        )
        said = (id(roots[0]), id(roots[1]), direction, subject)
        if said in self._said:
            return
        self._said[said] = roots
        for change, found in self._schemas(
            now, body.at, body.old, body.new, direction=direction, place="body", subject=subject
        ):
            known = self.causes.get(change.fingerprint)
            differences = (*known.differences, found) if known else (found,)
            self.causes[change.fingerprint] = Cause(body, differences)
            yield change

    def _responses(self, was: Operation, now: Operation) -> Iterator[Change]:
        before = mapping(was.node.get("responses"))
        after = mapping(now.node.get("responses"))
        for status in sorted({*before, *after}, key=str):
            at = f"{now.at}/responses/{escape(str(status))}"
            kind = "success" if str(status)[:1] in "123" else "non-success"
            if status not in after:
                yield self._change(f"response-{kind}-status-removed", now, at, status, None)
            elif status not in before:
                yield self._change(f"response-{kind}-status-added", now, at, None, status)
            else:
                old, new = self.old.node(before[status]), self.new.node(after[status])
                subject = "output" if str(status) == "200" else f"output of status {status}"
                yield from self._content(
                    now,
                    old,
                    new,
                    at,
                    direction=Direction.OUTPUT,
                    subject=subject,
                    prefix="response",
                )
                yield from self._headers(now, old, new, at, subject)

    def _headers(
        self, now: Operation, old: Mapping[str, Any], new: Mapping[str, Any], at: str, subject: str
    ) -> Iterator[Change]:
        before = operations.headers(old)
        after = operations.headers(new)
        for name in dict.fromkeys([*before, *after]):
            here, told = f"{at}/headers/{escape(name)}", f"{subject}, header `{name}`"
            was, is_now = self.old.node(before.get(name)), self.new.node(after.get(name))
            required = was.get("required") is True, is_now.get("required") is True
            if name not in after:
                kind = "required" if required[0] else "optional"
                yield self._change(f"{kind}-response-header-removed", now, here, subject=told)
            elif name not in before:
                yield self._change("response-header-added", now, here, subject=told)
            else:
                if required[0] != required[1]:
                    verb = "required" if required[1] else "optional"
                    yield self._change(f"response-header-became-{verb}", now, here, subject=told)
                for change, _ in self._schemas(
                    now,
                    f"{here}/schema",
                    operations.schema_of(was),
                    operations.schema_of(is_now),
                    direction=Direction.OUTPUT,
                    place="header",
                    subject=told,
                ):
                    yield change


def _spelled(path: tuple[str, ...]) -> str:
    """Return the place of a value as people write it: `loras[].path`."""
    text, tokens = "", iter(path)
    for token in tokens:
        if token == "properties":
            text += f".{next(tokens)}"
        elif token == "prefixItems":
            text += f"[{next(tokens)}]"
        else:
            text += "[]" if token == "items" else "{}"
    return text.removeprefix(".")
