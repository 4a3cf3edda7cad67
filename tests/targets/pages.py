"""Sites to test: their pages, the programs on them, and how these are run."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from fal_codegen.emulator import Emulator
from fal_codegen.emulator.endpoints.served_endpoint import ServedEndpoint
from folders import tree
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]


DECLARATION = '\n[targets.docs]\noutput = "generated/docs"\n'


RUN_PYTHON = """
import runpy, sys
import fal_client.client

base_url, *programs = sys.argv[1:]
fal_client.client.QUEUE_URL_FORMAT = f"{base_url}/queue/"
fal_client.client.RUN_URL_FORMAT = f"{base_url}/run/"
fal_client.client.REST_URL = f"{base_url}/rest"
fal_client.client.CDN_URL = base_url
for program in programs:
    runpy.run_path(program, run_name="__main__")
"""


RUN_JAVASCRIPT = """
import { fal } from "@fal-ai/client";
fal.config({ proxyUrl: { url: `${process.env.FAL_BASE_URL}/`, when: "always" } });
for (const program of process.argv.slice(2)) await import(program);
"""


@dataclass(frozen=True)
class Site:
    """A site, and what its programs need: the documents, and the Python client beside it."""

    documents: list[dict[str, Any]]
    pages: Path
    client: Path

    def text(self) -> dict[str, str]:
        """Return the text of every page, by its path."""
        return {path: data.decode() for path, data in tree(self.pages).items() if ".md" in path}

    def page(self, endpoint_id: str) -> str:
        """Return the text of the page of an endpoint."""
        row = f"| Endpoint id | `{endpoint_id}` |\n"
        (page,) = (text for text in self.text().values() if row in text)
        return page

    def programs(self, language: str) -> list[str]:
        """Return the programs in a language, of all pages."""
        return [source for text in self.text().values() for source in fenced(text, language)]


def fenced(text: str, language: str) -> list[str]:
    """Return the blocks of code in a language, as a Markdown parser finds them."""
    found = MarkdownIt("commonmark").parse(text)
    return [token.content for token in found if token.type == "fence" and token.info == language]


def examples(page: str) -> tuple[list[Any], list[Any]]:
    """Return the inputs and the results that a page shows."""
    before, is_there, after = page.partition("\nA result:\n")
    inputs, results = (
        [json.loads(one) for one in fenced(text, "json")] for text in (before, after)
    )
    assert (len(inputs) in (1, 2), len(results)) == (True, bool(is_there))
    return inputs, results


def execute(command: list[str], emulator: Emulator, site: Site, folder: Path) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(site.client),
        "FAL_KEY": "any",
        "FAL_BASE_URL": emulator.base_url,
    }
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def written(programs: list[str], folder: Path, suffix: str, emulator: Emulator) -> list[str]:
    """Write programs into files, with webhooks going nowhere but to the emulator."""
    paths = [folder / f"program_{number}.{suffix}" for number in range(len(programs))]
    for path, source in zip(paths, programs, strict=True):
        path.write_text(
            source.replace("https://example.com/fal", f"{emulator.base_url}/x"), "utf-8"
        )
    return [str(path) for path in paths]


def sent_is_what_the_pages_show(site: Site, emulator: Emulator, *, each: int) -> None:
    """Assert that each endpoint got the input on its page, at least so often."""
    sent = [(entry.path, entry.json) for entry in emulator.journal.select("submit")]
    for content in site.documents:
        endpoint_id = ServedEndpoint(content).id
        shown = json.loads(fenced(site.page(endpoint_id), "json")[0])
        inputs = [given for path, given in sent if path == f"/queue/{endpoint_id}"]
        assert len(inputs) >= each
        assert all(given == shown for given in inputs)


class Tags(HTMLParser):
    """The tags of a page, with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


class Text(HTMLParser):
    """The text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found = ""
        self.feed(html)

    def handle_data(self, data: str) -> None:
        self.found += data
