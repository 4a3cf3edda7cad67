"""The errors of the tool. Each describes what happened, where, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from fal_codegen.text.escaping import line


class CodegenError(Exception):
    """An error that the user can act on; the command line prints it without a traceback.

    Args:
        message: What happened, in one sentence.
        endpoint: Id of the endpoint, if the error is about one.
        pointer: JSON Pointer of the location in the endpoint's document.
        hint: The next step: a command to run, or a change to make.
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

    def complete(self, *, endpoint: str | None = None, hint: str | None = None) -> CodegenError:
        """Add an endpoint and a hint if the error has none, and return it."""
        self.endpoint = self.endpoint or endpoint
        self.hint = self.hint or hint
        return self

    def __str__(self) -> str:
        # Messages quote documents, servers and file names, so each part is reduced to one line.
        lines = [line(self._where()), *self._listing()]
        return "\n".join([*lines, f"  {line(self.hint)}"] if self.hint else lines)

    def _where(self) -> str:
        text = f"{self.endpoint}: {self.message}" if self.endpoint else self.message
        return text if self.pointer is None else f"{text} (at {self.pointer or '/'})"

    def _listing(self) -> Sequence[str]:
        """Return the lines between the message and the hint, which are safe to print."""
        return ()


def described(error: BaseException) -> str:
    """Return the type and the first line of an error, even of one that cannot be printed."""
    try:
        first_line = (str(error).splitlines() or [""])[0][:300]
    except Exception:  # code of others defines `__str__`
        first_line = ""
    return f"{type(error).__name__}: {first_line}" if first_line else type(error).__name__


def explained(error: BaseException) -> CodegenError:
    """Return an error in the form that users are shown."""
    if isinstance(error, CodegenError):
        return error
    if isinstance(error, OSError):
        path = f" {error.filename}" if error.filename else ""
        return CodegenError(f"could not continue:{path} {error.strerror or error}")
    if isinstance(error, RuntimeError) and str(error).startswith("Symlink loop"):
        return CodegenError(f"could not continue: {error}")  # `Path.resolve` before Python 3.13
    return CodegenError(
        f"unexpected error: {described(error)}",
        hint="put --debug before the command to see where it happened, and please report it",
    )


class UsageError(CodegenError):
    """A command was called with arguments that it cannot use."""


class ProjectError(CodegenError):
    """A file of the project (declaration, lock, templates) cannot be used."""


class DocumentError(CodegenError):
    """A document is not a usable OpenAPI document of its endpoint."""


class OverlayError(CodegenError):
    """An overlay cannot be applied, or is no longer needed."""


class FetchError(CodegenError):
    """A document could not be fetched."""


class MissingEndpointError(FetchError):
    """fal has no such endpoint, or no longer has it."""


class EditedFilesError(CodegenError):
    """Generated files were edited by hand, and writing them would lose the edits.

    Args:
        message: What happened.
        files: Paths of the files.
        hint: The next step.
    """

    def __init__(self, message: str, *, files: Sequence[str], hint: str) -> None:
        super().__init__(message, hint=hint)
        self.files = tuple(files)

    def _listing(self) -> Sequence[str]:
        return [f"    {line(path)}" for path in self.files]


class Failures(CodegenError):
    """Endpoints cannot be generated.

    Args:
        errors: One error for each endpoint, in the order in which they are printed.
        hint: The next step.
    """

    def __init__(self, errors: Sequence[CodegenError], *, hint: str) -> None:
        count = "an endpoint" if len(errors) == 1 else f"{len(errors)} endpoints"
        super().__init__(f"{count} cannot be generated", hint=hint)
        self.errors = tuple(errors)

    def _listing(self) -> Sequence[str]:
        return [f"error: {error}" for error in self.errors]


def with_causes_once(errors: Iterable[CodegenError]) -> Iterator[CodegenError]:
    """Yield errors to print. One stands for all endpoints whose fetching failed for one reason.

    Which endpoints fal does not have matters, so each of those has its own error.
    """
    groups: dict[object, list[CodegenError]] = {}
    for error in errors:
        is_shared = isinstance(error, FetchError) and not isinstance(error, MissingEndpointError)
        groups.setdefault((error.message, error.hint) if is_shared else id(error), []).append(error)
    for first, *others in groups.values():
        if others:
            message = f"{first.message} (and {len(others)} more)"
            yield FetchError(message, endpoint=first.endpoint, hint=first.hint)
        else:
            yield first
