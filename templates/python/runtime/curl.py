"""A request as a shell command."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from pydantic_core import to_jsonable_python

from .images import is_picture
from .local_file import UNKNOWN_TYPE, Content, LocalFile, content_type_of


def curl_command(url: str, headers: Mapping[str, str], payload: dict[str, Any]) -> str:
    """Return a command that posts `payload` to `url`.

    The key is `$FAL_KEY`. A file given by path becomes a data URI that the shell makes when the
    command runs; a file object without a name is called `FILE`.
    """
    substitutions: dict[str, str] = {}

    def default(value: Any) -> Any:
        if not isinstance(value, LocalFile):
            return to_jsonable_python(value)
        if isinstance(value.source, bytes) or is_picture(value.source):
            return Content.of(value).data_uri()
        if isinstance(value.source, os.PathLike):
            path = os.fsdecode(value.source)
        else:
            path = str(getattr(value.source, "name", "FILE"))
        kind = value.content_type or content_type_of(path) or UNKNOWN_TYPE
        mark = uuid4().hex
        substitutions[mark] = f"$(base64 < {shlex.quote(path)} | tr -d '\\n')"
        return f"data:{kind};base64,{mark}"

    body = json.dumps(payload, default=default, ensure_ascii=False, indent=2)
    command = f"curl -X POST {shlex.quote(url)} \\\n"
    command += '  -H "Authorization: Key $FAL_KEY" \\\n'
    for name, value in headers.items():
        command += f"  -H {shlex.quote(f'{name}: {value}')} \\\n"
    if not substitutions:
        return f"{command}  -d {shlex.quote(body)}"
    # A here-document, because a file may exceed the limit on the length of an argument.
    body = re.sub(r"[\\$`]", r"\\\g<0>", body)
    for mark, substitution in substitutions.items():
        body = body.replace(mark, substitution)
    end = "END_OF_INPUT"
    while end in body:  # the name of a file may have such a line
        end += "_"
    return f"{command}  --data-binary @- <<{end}\n{body}\n{end}"
