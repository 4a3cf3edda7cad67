"""The first use of an endpoint, from many threads at once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from conftest import Ran
from documents import document, obj, write

PROGRAM = """
import sys, threading
sys.setswitchinterval(1e-6)
from fal_endpoints import Fal

client, ready, failures = Fal("key"), threading.Barrier(24), []

def use():
    ready.wait()
    try:
        endpoint = client.acme.tree
        endpoint(root={"name": "a", "leaves": [{"name": "b", "nodes": []}]})
        from fal_endpoints.acme.tree import Leaf, Node
        Node(name="a", leaves=[Leaf(name="b")]).model_dump()
        result = {"request_id": "id", "status": "OK", "payload": {
            "image": {"url": "https://example.test/a.png"},
            "root": {"name": "a", "leaves": [{"name": "b"}]}}}
        import json
        output = endpoint.parse_webhook(json.dumps(result)).output
        assert output.root.leaves[0].model_dump() == {"name": "b", "nodes": None}
        assert output.model_dump()["root"]["leaves"] == [{"name": "b", "nodes": None}]
        assert output.image.model_dump()["url"] == "https://example.test/a.png"
    except BaseException as error:
        failures.append(repr(error))

threads = [threading.Thread(target=use) for _ in range(24)]
for thread in threads: thread.start()
for thread in threads: thread.join()
sys.exit("\\n".join(failures) or 0)
"""


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def listed(name: str) -> dict[str, Any]:
    return {"type": "array", "items": ref(name)}


def test_first_use_from_many_threads(project: Path, cli: Callable[..., Ran]) -> None:
    text = {"type": "string"}
    file = obj({"url": text}, title="File")
    tree = document(
        "acme/tree",
        input=obj({"root": ref("Node")}),
        output=obj({"image": ref("File"), "root": ref("Node")}),
        components={  # which refer to each other
            "File": file,
            "Node": obj({"name": text, "leaves": listed("Leaf")}, title="Node"),
            "Leaf": obj({"name": text, "nodes": listed("Node")}, title="Leaf", required=["name"]),
        },
    )
    assert cli("add", "--project", project, "--from", write(project / "in", tree)).code == 0
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "PYTHONPATH": str(project / "generated/python")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
