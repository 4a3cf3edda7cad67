"""The how-to page on observability: its program makes a span for each request."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fal_codegen.emulator import Emulator

from .examples import ROOT, Page
from .programs import run_python

pytestmark = pytest.mark.guide

PROGRAM = Page(ROOT / "docs/how-to/observability.md").file("with_opentelemetry.py").source


@pytest.mark.integrations
def test_each_request_is_a_span_of_the_same_trace(started: Emulator, tmp_path: Path) -> None:
    reason = "needs opentelemetry-instrumentation-httpx: pip install -e '.[integrations]'"
    pytest.importorskip("opentelemetry.instrumentation.httpx", reason=reason)
    pytest.importorskip("opentelemetry.sdk", reason=reason)
    started.reset()
    (tmp_path / "with_opentelemetry.py").write_text(PROGRAM, "utf-8")
    printed = run_python("with_opentelemetry.py", folder=tmp_path, emulator=started)
    spans = json.loads("[" + printed.replace("}\n{", "},{") + "]")
    *requests, parent = spans
    assert parent["name"] == "make a video"
    assert len(requests) == len(started.journal) >= 3
    assert {span["parent_id"] for span in requests} == {parent["context"]["span_id"]}
    trace_id = parent["context"]["trace_id"].removeprefix("0x")
    assert all(trace_id in asked.headers["traceparent"] for asked in started.journal)
