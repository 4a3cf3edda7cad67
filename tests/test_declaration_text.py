"""`add` and `remove` keep the user's own text in the declaration, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from documents import document, write
from projects import (
    BLENDER,
    DECLARATION,
    FAST,
    Cli,
    problem,
    published,
)

HEAD = """\
# What we use.
[targets.python]   # the only one
package = "fal_endpoints"
output = 'generated/python'

"""

BOTH = f"""\
{HEAD}[endpoints."acme/blender"]  # the slow one
not_files = [
    "x_url",  # a page
]

# The fast one, for previews.
[endpoints.'acme/blender/fast']

# How they are fetched.
[fetch]
attempts = 2
"""


@pytest.mark.parametrize(
    "before",
    [HEAD, BOTH, BOTH.replace("\n", "\r\n"), f"{HEAD}[endpoints]\n'acme/blender' = {{}}\n"],
    ids=["no endpoints", "comments", "windows", "inline endpoints"],
)
def test_adding_only_adds(project: Path, tmp_path: Path, cli: Cli, before: str) -> None:
    (project / DECLARATION).write_bytes(before.encode())
    documents = write(tmp_path / "documents", document("acme/a"), document(BLENDER), document(FAST))
    assert cli("add", "--project", project, "--from", documents).code == 0
    after = (project / DECLARATION).read_bytes().decode()
    assert after.startswith(before)
    assert '[endpoints."acme/a"]' in after.removeprefix(before)

    assert cli("remove", "acme/a", "--project", project).code == 0
    if before == BOTH:
        assert (project / DECLARATION).read_bytes().decode() == before


@pytest.mark.parametrize(
    ("removed", "after"),
    [
        (
            [BLENDER],
            f"{HEAD}# The fast one, for previews.\n[endpoints.'acme/blender/fast']\n\n"
            "# How they are fetched.\n[fetch]\nattempts = 2\n",
        ),
        (
            [FAST, FAST],
            BOTH.replace("[endpoints.'acme/blender/fast']\n\n", ""),
        ),
        (
            [BLENDER, FAST],
            f"{HEAD}# The fast one, for previews.\n"
            "# How they are fetched.\n[fetch]\nattempts = 2\n",
        ),
    ],
    ids=["first", "last, named twice", "both"],
)
def test_removing_takes_one_table_and_no_comment_about_another(
    filled: Path, cli: Cli, removed: list[str], after: str
) -> None:
    (filled / DECLARATION).write_text(BOTH)
    assert cli("remove", *removed, "--project", filled).code == 0
    assert (filled / DECLARATION).read_text() == after


@pytest.mark.parametrize("command", ["add", "remove"])
def test_a_form_that_cannot_be_edited_is_left_alone(
    filled: Path, tmp_path: Path, cli: Cli, command: str
) -> None:
    inline = f'endpoints = {{ "{BLENDER}" = {{}}, "{FAST}" = {{}} }}\n{HEAD}'
    (filled / DECLARATION).write_text(inline)
    documents = write(tmp_path / "documents", document("acme/a"))
    arguments = [BLENDER] if command == "remove" else ["--from", documents]
    before = published(filled)
    ran = cli(command, "--project", filled, *arguments)
    problem(ran, "a form that only you can edit", "[endpoints.")
    assert published(filled) == before
