"""What can go wrong, said so that the reader knows which endpoint, where, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence


class CodegenError(Exception):
    """Something the user can understand and act on; the command line prints it without a traceback.

    Args:
        message: What is wrong, in one sentence.
        endpoint: Id of the endpoint concerned, if it is about one.
        pointer: JSON Pointer of the place in the endpoint's document.
        hint: The next step: a command to run or a thing to change.
    """

    def __init__(
        self,
        message: str,
        *,
        endpoint: str | None = None,
        pointer: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.endpoint = endpoint
        self.pointer = pointer
        self.hint = hint

    def __str__(self) -> str:
        text = f"{self.endpoint}: {self.message}" if self.endpoint else self.message
        if self.pointer is not None:
            text += f" (at {self.pointer or '/'})"
        return printable(f"{text}\n  {self.hint}" if self.hint else text)


class UsageError(CodegenError):
    """The command was called with something it cannot use."""


class ProjectError(CodegenError):
    """The project's own files (declaration, lock, templates) cannot be used as they are."""


class DocumentError(CodegenError):
    """A document is not a usable OpenAPI document of the endpoint it stands for."""


class OverlayError(CodegenError):
    """A correction of a document cannot be applied, or is no longer needed."""


class FetchError(CodegenError):
    """A document could not be fetched."""


class GoneError(FetchError):
    """fal has no such endpoint: it never had, or has no more."""


class EditedFilesError(CodegenError):
    """Generated files were changed by hand, and writing would lose the changes."""


class Failures(CodegenError):
    """Endpoints cannot be generated.

    Args:
        errors: One error for each of them, in the order in which they are to be shown.
        hint: The next step.
    """

    def __init__(self, errors: Sequence[CodegenError], *, hint: str) -> None:
        count = "an endpoint" if len(errors) == 1 else f"{len(errors)} endpoints"
        listing = "".join(f"\nerror: {error}" for error in errors)
        super().__init__(f"{count} cannot be generated{listing}", hint=hint)
        self.errors = tuple(errors)


def printable(text: str) -> str:
    """Return text that is safe to print: control characters and lone surrogates are escaped.

    Messages quote documents and servers, and a terminal acts on escape sequences.
    """
    return "".join(
        char if char == "\n" or char.isprintable() else char.encode("unicode_escape").decode()
        for char in text
    )
