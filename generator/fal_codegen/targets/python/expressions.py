"""Python types as expressions, with the names of an endpoint's classes, for fields and parameters.

Types are syntax trees, so text of a document cannot become a part of one.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from fal_codegen.ir import Direction
from fal_codegen.targets.python_quoting import literal
from fal_codegen.targets.tags import Tags, discriminating


class PythonType(NamedTuple):
    """A Python type.

    Attributes:
        text: Its source.
        names: The names that it refers to.
    """

    text: str
    names: frozenset[str]

    def or_none(self) -> PythonType:
        """Return the type that also accepts None."""
        return PythonType(f"{self.text} | None", self.names)

    def omittable(self) -> PythonType:
        """Return the type of a field of an input that the caller may omit."""
        return PythonType(f"Omittable[{self.text}]", self.names | {"Omittable"})

    def parameter(self, plain: Mapping[str, str]) -> PythonType:
        """Return the type of a parameter that sets such a field, as type checkers see it.

        Args:
            plain: The type of the plain dict that is accepted in place of an instance of a model,
                by the name of the model's class.
        """
        added = sorted(self.names & plain.keys())
        return _parameter(self.text, tuple((name, plain[name]) for name in added))

    def __str__(self) -> str:
        return self.text


def named(source: str, classes: Sequence[str], tags: Tags, direction: Direction) -> PythonType:
    """Replace `Model0`, `Model1`, … by class names in a type.

    Args:
        source: The type, in which the classes are called `Model0`, `Model1`, ….
        classes: Their names, in that order.
        tags: Their tags.
        direction: Which way its values travel: an input accepts any sequence for a list.
    """
    if any(tags.get(name) for name in classes):
        return _named(source, classes, tags, direction)
    return _untagged(source, tuple(classes), direction)


def _named(source: str, classes: Sequence[str], tags: Tags, direction: Direction) -> PythonType:
    own = {f"Model{index}": name for index, name in enumerate(classes)}
    return _typed(_Named(own, tags, direction).visit(_expression(source)))


@cache  # many endpoints have models of the same names, such as `Image`
def _untagged(source: str, classes: tuple[str, ...], direction: Direction) -> PythonType:
    return _named(source, classes, {}, direction)


@cache
def _parameter(text: str, plain: tuple[tuple[str, str], ...]) -> PythonType:
    return _typed(_Parameter(dict(plain)).visit(_expression(text)))


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _typed(expression: ast.expr) -> PythonType:
    names = {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}
    return PythonType(ast.unparse(expression), frozenset(names))


class _Union(ast.NodeTransformer):
    """Removes duplicate members of a union, once classes have their names."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:  # ast looks for this name
        members = [self.visit(member) for member in _members(node)]
        distinct = {ast.unparse(part): part for member in members for part in _members(member)}
        return self.union(list(distinct.values()))

    def union(self, members: Sequence[ast.expr]) -> ast.expr:
        """Return the union of distinct members."""
        union, *others = members
        for other in others:
            union = ast.BinOp(union, ast.BitOr(), other)
        return union


class _Named(_Union):
    """Inserts the names of classes, the tags of unions, and the types of inputs."""

    def __init__(self, own: Mapping[str, str], tags: Tags, direction: Direction) -> None:
        self._own = own
        self._tags = tags
        self._is_input = direction is Direction.INPUT

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name(self._own.get(node.id, node.id))

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        kind, inner = ast.unparse(node.value), node.slice
        if kind == "Literal":
            return node
        if self._is_input and kind == "list":
            return ast.Subscript(ast.Name("ListInput"), self.visit(inner))
        if self._is_input and kind == "dict" and isinstance(inner, ast.Tuple):
            return ast.Subscript(ast.Name("MapInput"), self.visit(inner.elts[1]))
        return ast.Subscript(node.value, self.visit(inner))

    def union(self, members: Sequence[ast.expr]) -> ast.expr:
        union = super().union(members)
        classes = [member.id for member in members if isinstance(member, ast.Name)]
        tags = discriminating({name: self._tags[name] for name in classes if self._tags.get(name)})
        if not tags:
            return union
        described = ast.Dict([ast.Name(name) for name in tags], list(map(_values, tags.values())))
        check = ast.Call(ast.Name("Tagged"), [described], [])
        return ast.Subscript(ast.Name("Annotated"), ast.Tuple([union, check]))


class _Parameter(_Union):
    """Removes what only pydantic reads, and adds the types of plain dicts beside models."""

    def __init__(self, plain: Mapping[str, str]) -> None:
        self._plain = plain

    def visit_Name(self, node: ast.Name) -> ast.expr:
        plain = self._plain.get(node.id)
        return node if plain is None else ast.BinOp(node, ast.BitOr(), _expression(plain))

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        kind, inner = ast.unparse(node.value), node.slice
        if kind == "Literal":
            return node
        if kind == "Annotated" and isinstance(inner, ast.Tuple):
            bare: ast.expr = self.visit(inner.elts[0])
            return bare
        if kind == "ListInput":
            return ast.Subscript(ast.Name("Sequence"), self.visit(inner))
        if kind == "MapInput":
            items = ast.Tuple([ast.Name("str"), self.visit(inner)])
            return ast.Subscript(ast.Name("Mapping"), items)
        return ast.Subscript(node.value, self.visit(inner))


def _members(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp):
        return [*_members(node.left), *_members(node.right)]
    return [node]


def _values(tagged: Mapping[str, tuple[Any, ...]]) -> ast.expr:
    return _expression(literal(dict(tagged)))
