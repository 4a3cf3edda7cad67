"""Answers of datamodel-code-generator, remembered in the user's cache folder.

Importing it and asking it takes longer than everything else in generating a client, and most
schemas were asked about before. An answer counts for the schema, the version of
datamodel-code-generator, this tool, and the version of Python, which writes the source of a type.
"""

from __future__ import annotations

import ast
import builtins
import json
import re
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import version

from fal_codegen import cache
from fal_codegen.digests import digest_of
from fal_codegen.installation import tool_digests
from fal_codegen.ir import Direction

Question = tuple[str, Direction]
Ask = Callable[[Mapping[Question, int]], Mapping[Question, str]]

_MOST = 50_000
"""Answers that are kept; beyond that, only those of the last run are."""

_TYPES = frozenset({"bool", "bytes", "dict", "float", "int", "list", "str"})
"""The names of Python itself that a type may have in it."""

_NODES = (
    ast.Expression, ast.Name, ast.Load, ast.Constant, ast.Subscript, ast.Tuple, ast.List,
    ast.BinOp, ast.BitOr, ast.UnaryOp, ast.USub, ast.Call, ast.keyword,
)  # fmt: skip


def remembered(questions: Mapping[Question, int], ask: Ask) -> dict[Question, str]:
    """Return the type of each schema asked about; only what is not known yet is asked.

    Args:
        questions: How many models each schema refers to.
        ask: Asks datamodel-code-generator.
    """
    name = f"types-{_maker()}.json"
    kept = cache.read(name)
    known: dict[str, object] = kept if isinstance(kept, dict) else {}
    keys = {
        question: digest_of(json.dumps([question[0], question[1].value])) for question in questions
    }
    answers: dict[Question, str] = {}
    for question, models in questions.items():
        answer = known.get(keys[question])
        if isinstance(answer, str) and _is_type(answer, models):
            answers[question] = answer
    missing = {question: questions[question] for question in questions if question not in answers}
    if missing:
        answers |= ask(missing)
        fresh = {keys[question]: answer for question, answer in answers.items()}
        cache.write(name, {**known, **fresh} if len(known) < _MOST else fresh)
    return answers


def _maker() -> str:
    """Return one hash of everything that, apart from the schema, decides an answer."""
    makers = [version("datamodel-code-generator"), sys.version_info[:2], tool_digests()]
    return digest_of(json.dumps(makers))[:32]


def _is_type(answer: str, models: int) -> bool:
    """Return whether an answer can only be the source of a type.

    A generated module is imported, and its annotations are evaluated: nothing else may get there.
    """
    try:
        nodes = list(ast.walk(ast.parse(answer, mode="eval")))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return all(isinstance(node, _NODES) for node in nodes) and all(
        _is_known(node.id, models) for node in nodes if isinstance(node, ast.Name)
    )


def _is_known(name: str, models: int) -> bool:
    if model := re.fullmatch(r"Model(\d{1,9})", name, re.ASCII):
        return int(model[1]) < models
    return name in _TYPES or not (name.startswith("_") or hasattr(builtins, name))
