"""Which files are ledgers: others, and damaged ones, are rejected and left as they are."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest
from fal_codegen.emulator import Emulator
from fal_endpoints import ConfigurationError, Ledger, SubmissionUncertain

from .collage import Collage
from .conftest import Call
from .ledgers import mapped, settle

REFUSED = {
    "csv": b"name,prompt\na,b\n",
    "json": b"{}",
    "earlier": b'{"request": "ab"}\n{"request": "ab", "request_id": "r1"}\n',
    "other-version": b'{"format": "fal_endpoints ledger", "version": 999}\n',
    "version-ten": b'{"format": "fal_endpoints ledger", "version": 10}\n',
    "blank": b"\n",
    "byte": b"\0",
    "damaged": b'{"format": "fal_endpoints ledger", "version": 1}\n{"event": "unknown"}\n',
    "endless": b'{"format": "fal_endpoints ledger", "version": 1}\n'
    b'{"event": "refused", "request": "a", "nth": 1e999}\n',
}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
def test_another_file_is_refused_and_left_as_it_is(
    collage: Collage, call: Call, emulator: Emulator, ledger: Path, content: bytes
) -> None:
    ledger.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"batch\.jsonl cannot be used as a ledger"):
        mapped(call, collage, ledger)
    with pytest.raises(ConfigurationError, match=r"batch\.jsonl cannot be used as a ledger"):
        Ledger(ledger)
    assert ledger.read_bytes() == content
    assert emulator.journal.count("submit") == 0


@pytest.mark.posix
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes that have a name")
def test_only_a_regular_file_is_a_ledger(collage: Collage, call: Call, tmp_path: Path) -> None:
    genuine = tmp_path / "genuine.jsonl"
    mapped(call, collage, genuine)
    before = genuine.read_bytes()
    (tmp_path / "link").symlink_to(genuine)
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "dangling", "pipe", ".", "missing/batch.jsonl", "a\0b"):
        with pytest.raises(ConfigurationError, match="cannot be opened"):
            mapped(call, collage, tmp_path / name)
    with pytest.raises(ConfigurationError, match="cannot be opened"):
        mapped(call, collage, Path("/dev/null"))
    assert genuine.read_bytes() == before
    assert not (tmp_path / "nothing").exists()


@pytest.mark.posix
def test_a_ledger_needs_a_file_system_with_locks(
    collage: Collage, call: Call, emulator: Emulator, ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    def without_locks(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", without_locks)
    with pytest.raises(ConfigurationError, match=r"cannot be locked \(No locks available\)"):
        mapped(call, collage, ledger)
    assert emulator.journal.count("submit") == 0


@pytest.mark.parametrize("length", [0, 1, 30, 47])
def test_an_empty_or_cut_off_ledger_is_not_a_new_one(
    collage: Collage, call: Call, emulator: Emulator, ledger: Path, length: int
) -> None:
    mapped(call, collage, ledger)
    ledger.write_bytes(ledger.read_bytes()[:length])
    with pytest.raises(ConfigurationError, match="empty or truncated; restore it from a copy"):
        mapped(call, collage, ledger)
    assert settle(ledger).code == 2
    assert ledger.stat().st_size == length
    assert emulator.journal.count("submit") == 1


@pytest.mark.parametrize("has_links", [True, False])
def test_a_new_ledger_appears_alone(
    collage: Collage, call: Call, ledger: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool
) -> None:
    def no_links(*args: object, **options: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    if not has_links:
        monkeypatch.setattr(os, "link", no_links)
    assert mapped(call, collage, ledger).error is None
    assert list(ledger.parent.iterdir()) == [ledger]


@pytest.mark.parametrize("lines", [1, 2, 3, 4])
def test_a_complete_last_line_counts_without_its_end(
    collage: Collage, call: Call, emulator: Emulator, ledger: Path, lines: int
) -> None:
    """An editor or a copy may leave out the last line feed."""
    mapped(call, collage, ledger)
    before = ledger.read_bytes().splitlines(keepends=True)
    ledger.write_bytes(b"".join(before[:lines]).removesuffix(b"\n"))
    uncertain = "1 uncertain request\n" if lines == 2 else "no uncertain requests\n"
    assert settle(ledger).out.endswith(uncertain)
    ledger.write_bytes(ledger.read_bytes().removesuffix(b"\n"))
    error = mapped(call, collage, ledger).error
    assert isinstance(error, SubmissionUncertain) if lines == 2 else error is None
    assert emulator.journal.count("submit") == (2 if lines == 1 else 1)
    assert ledger.read_bytes().startswith(b"".join(before[:lines]))


DAMAGES: list[tuple[str, dict[str, Any]]] = [
    *(("sending", {"nth": value}) for value in (-1, "0", False, 1.5, 0.0, None, list[Any]())),
    *(("sending", {"request": value}) for value in (5, None, "", "ab", "g" * 64)),
    *(("sending", {name: 5}) for name in ("event", "endpoint", "arguments", "at")),
    *(("accepted", {"request_id": value}) for value in (5, None, "", "..")),
    *(("succeeded", {"request_id": value}) for value in (5, "..")),
    *(
        ("succeeded", {"event": "failed", "error": value})
        for value in (None, dict[str, Any](), "boom")
    ),
]


@pytest.mark.parametrize(("event", "damage"), DAMAGES)
def test_a_line_with_an_invalid_field_is_damaged(
    collage: Collage,
    call: Call,
    emulator: Emulator,
    ledger: Path,
    event: str,
    damage: dict[str, Any],
) -> None:
    mapped(call, collage, ledger)
    header, *lines = map(json.loads, ledger.read_text().splitlines())
    damaged = [{**line, **damage} if line["event"] == event else line for line in lines]
    content = "".join(f"{json.dumps(line)}\n" for line in [header, *damaged])
    ledger.write_text(content)
    number = 2 + [line["event"] for line in lines].index(event)
    with pytest.raises(ConfigurationError, match=f"its line {number} is damaged.* remove"):
        mapped(call, collage, ledger)
    assert settle(ledger).code == 2
    assert ledger.read_text() == content
    assert emulator.journal.count("submit") == 1
