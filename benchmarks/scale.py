"""Measure fal-codegen on hundreds of genuine documents, beside generators that take one at a time.

    pip install -e ".[bench,checks,test]"
    python benchmarks/scale.py --corpus DIR

DIR is a folder of fal documents. Everything is measured as whole processes, in a temporary folder;
each case runs once more than it is counted, to compile bytecode.

The first use of an endpoint is compared with a program that imports the package and defines one
model: pydantic loads most of itself for the first model of any program.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import tomli
from processes import Took, cache, clear, run

SIZES = (10, 100, 1400)
"""Numbers of documents, beside all there are; beyond that, they are repeated under other ids."""

PEER_DOCUMENTS = 20
"""Documents that each peer is measured on, spread evenly over all."""

DECLARATION = '[targets.python]\npackage = "fal_endpoints"\noutput = "generated/python"\n'
MODEL_OPTIONS = "--input-file-type openapi --output-model-type pydantic_v2.BaseModel".split()

Documents = Mapping[str, str]
"""Texts of documents, by endpoint id."""


class Goal(NamedTuple):
    """A limit for a measured value."""

    label: str
    value: float
    limit: float
    unit: str


class Case(NamedTuple):
    """A command to measure, and what brings about its start."""

    command: Sequence[str | Path]
    before: Callable[[], object] = dict
    environment: Mapping[str, str] = {}


class Bench(NamedTuple):
    """Where it is measured, and how often."""

    work: Path
    rounds: int

    def medians(self, cases: Mapping[str, Case]) -> dict[str, Took]:
        """Return the medians of each case. The cases take turns, so that they share the machine."""
        took: dict[str, list[Took]] = {name: [] for name in cases}
        for number in range(self.rounds + 1):
            for name, case in cases.items():
                case.before()
                one = run(case.command, self.work, case.environment)
                took[name] += [one] if number else []
        return {
            name: Took(*(statistics.median(column) for column in zip(*every, strict=True)))
            for name, every in took.items()
        }

    def median(self, command: Sequence[str | Path], before: Callable[[], object] = dict) -> Took:
        """Return the medians of one case."""
        return self.medians({"": Case(command, before)})[""]


def main() -> int:
    """Measure, print the tables, and return 0 if every target is met, else 1."""
    parser = argparse.ArgumentParser(description="Measure fal-codegen on many documents.")
    parser.add_argument("--corpus", type=Path, required=True, help="a folder of fal documents")
    parser.add_argument("--rounds", type=int, default=5, help="how often each case is measured")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fal-codegen-bench-") as name:
        bench = Bench(Path(name), options.rounds)
        documents = usable(options.corpus.resolve(), bench)
        cores = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
        print(f"Python {platform.python_version()} on {cores}; {len(documents)} documents")
        print(f"medians of {options.rounds} rounds, after one to warm up\n")
        goals = [
            *first_runs(documents, bench),
            *later_runs(documents, bench),
            *the_package(documents, bench),
        ]
        beside_peers(documents, bench)
    for goal in goals:
        verdict = "met" if goal.value <= goal.limit else "MISSED"
        value = f"{goal.value:.2f} {goal.unit}"
        print(f"{goal.label:<58}{value:>12}   at most {goal.limit:g}: {verdict}")
    return 0 if all(goal.value <= goal.limit for goal in goals) else 1


def usable(corpus: Path, bench: Bench) -> Documents:
    """Return the documents that clients can be generated from, as they are vendored."""
    project = bench.work / "usable"
    run(["fal-codegen", "init", project], bench.work)
    add: list[str | Path] = ["fal-codegen", "add", "--project", project, "--from", corpus]
    run(["sh", "-c", '"$@" || test $? = 2', "sh", *add], bench.work)  # 2: some are refused
    ids = tomli.loads((project / "specs/endpoints.toml").read_text("utf-8"))["endpoints"]
    return {one: (project / "specs" / f"{one}.json").read_text("utf-8") for one in sorted(ids)}


def project_of(documents: Documents, name: str, bench: Bench) -> Path:
    """Make a project, nothing generated."""
    project = bench.work / name
    for endpoint_id, text in documents.items():
        path = project / "specs" / f"{endpoint_id}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    tables = (f'\n[endpoints."{endpoint_id}"]\n' for endpoint_id in documents)
    (project / "specs/endpoints.toml").write_text(DECLARATION + "".join(tables), encoding="utf-8")
    return project


def some(documents: Documents, count: int) -> Documents:
    """Return so many documents, spread evenly, or repeated under other ids."""
    ids = list(documents)
    if count <= len(ids):
        return {
            ids[n * len(ids) // count]: documents[ids[n * len(ids) // count]] for n in range(count)
        }
    more = dict(documents)
    for n in range(count - len(ids)):
        old = ids[n % len(ids)]
        new = f"{old}-again{n // len(ids)}"
        text = documents[old].replace(f'"{old}"', f'"{new}"').replace(f'"/{old}', f'"/{new}')
        more[new] = text
    return more


def nothing_generated(project: Path, bench: Bench) -> None:
    """Remove what was generated, and what was remembered of it."""
    clear(project / "generated", bench.work)
    clear(cache(bench.work), bench.work)


def command(name: str, project: Path) -> list[str | Path]:
    """Return the command line of one of the tool's commands."""
    return ["fal-codegen", name, "--project", project]


def first_runs(documents: Documents, bench: Bench) -> list[Goal]:
    """Measure generating more and more documents for the first time."""
    print(f"{'documents':>10}{'first generate':>16}{'each':>12}{'memory':>10}")
    took: dict[int, Took] = {}
    for count in sorted({*SIZES, len(documents)}):
        project = project_of(some(documents, count), f"first-{count}", bench)
        generate = command("generate", project)
        took[count] = bench.median(generate, partial(nothing_generated, project, bench))
        each = took[count].seconds / count * 1000
        seconds, megabytes = took[count]
        print(f"{count:>10}{seconds:>14.2f} s{each:>9.1f} ms{megabytes:>7.0f} MB")
    print()
    all_of_them = took[len(documents)]
    return [
        Goal("first generate of all", all_of_them.seconds, 4.5, "s"),
        Goal("its memory", all_of_them.megabytes, 200, "MB"),
        Goal(f"first generate of {max(SIZES)}", took[max(SIZES)].seconds, 7, "s"),
    ]


def later_runs(documents: Documents, bench: Bench) -> list[Goal]:
    """Measure runs over all documents in which nothing, or one document, changed."""
    project = bench.work / f"first-{len(documents)}"
    changed = project / "specs" / f"{min(documents)}.json"

    def change() -> None:
        content = json.loads(changed.read_text("utf-8"))
        metadata = content["info"]["x-fal-metadata"]
        metadata["about"] = f"{metadata.get('about', '')}."
        changed.write_text(json.dumps(content, indent=2, sort_keys=True), encoding="utf-8")

    nothing = {name: bench.median(command(name, project)) for name in ("generate", "check")}
    one = bench.median(command("generate", project), change)
    return [
        Goal("generate, nothing changed", nothing["generate"].seconds, 0.3, "s"),
        Goal("check, nothing changed", nothing["check"].seconds, 2, "s"),
        Goal("generate, one document changed", one.seconds, 2, "s"),
    ]


def the_package(documents: Documents, bench: Bench) -> list[Goal]:
    """Measure the generated package with all endpoints beside the package with one, or two."""
    first, second = list(documents)[:: len(documents) // 2][:2]
    folders = {"all": bench.work / f"first-{len(documents)}" / "generated/python"}
    for name, ids in (("one", [first]), ("two", [first, second])):
        project = project_of({one: documents[one] for one in ids}, name, bench)
        run(command("generate", project), bench.work)
        folders[name] = project / "generated/python"

    def program(name: str, source: str) -> Case:
        environment = {"PYTHONPATH": str(folders[name])}
        return Case([sys.executable, "-c", source], environment=environment)

    calls = dict(
        row.strip("| \n").split(" | ")
        for row in (folders["all"] / "README.md").read_text("utf-8").splitlines()
        if row.startswith("| `")
    )
    way = {one: calls[f"`{one}`"].strip("`").removesuffix("(…)") for one in (first, second)}
    model = "import fal_endpoints, pydantic\nclass Model(pydantic.BaseModel): pass\n"
    use = f"{model}from fal_endpoints import Fal\nclient = Fal(key='any')\n{way[first]}"
    took = bench.medians(
        {
            "import one": program("one", "import fal_endpoints"),
            "import all": program("all", "import fal_endpoints"),
            "model beside all": program("all", model),
            "use of all": program("all", use),
        }
    )

    both = "from fal_endpoints import Fal\n\nclient = Fal()\n" + "".join(
        f"print({way[one]}.endpoint_id)\n" for one in (first, second)
    )
    checks: dict[str, Case] = {}
    for name in ("all", "two"):
        folder = bench.work / f"program-{name}"
        folder.mkdir()
        (folder / "program.py").write_text(both, encoding="utf-8")
        settings = {"typeCheckingMode": "strict", "extraPaths": [str(folders[name])]}
        (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
        python = sys.executable
        checks[name] = Case(["basedpyright", "--project", folder, "--pythonpath", python])
    checked = bench.medians(checks)
    more = (took["import all"].seconds - took["import one"].seconds) * 1000
    memory = took["import all"].megabytes - took["import one"].megabytes
    first_use = (took["use of all"].seconds - took["model beside all"].seconds) * 1000
    return [
        Goal("import of the package, more than with one endpoint", more, 5, "ms"),
        Goal("first use of one endpoint, more than a model", first_use, 25, "ms"),
        Goal("memory after import, more than with one endpoint", memory, 1, "MB"),
        Goal(
            "pyright on a program with two endpoints, × two alone",
            checked["all"].seconds / checked["two"].seconds,
            1.5,
            "×",
        ),
    ]


def beside_peers(documents: Documents, bench: Bench) -> None:
    """Measure peers, which take one document at a time, on some of the documents."""
    chosen = some(documents, PEER_DOCUMENTS)
    ours = project_of(chosen, "ours", bench)
    took = {
        "fal-codegen, all at once": bench.median(
            command("generate", ours), lambda: nothing_generated(ours, bench)
        ).seconds,
        "datamodel-codegen (models only)": 0.0,
        "openapi-python-client": 0.0,
    }
    for endpoint_id in chosen:
        document = ours / "specs" / f"{endpoint_id}.json"
        models, client = bench.work / "models.py", bench.work / "client"
        took["datamodel-codegen (models only)"] += run(
            ["datamodel-codegen", "--input", document, "--output", models, *MODEL_OPTIONS],
            bench.work,
        ).seconds
        clear(client, bench.work)
        took["openapi-python-client"] += run(
            ["openapi-python-client", "generate", "--path", document, "--output-path", client],
            bench.work,
        ).seconds
    print(f"{f'the same {PEER_DOCUMENTS} documents':<36}{'all':>10}{'each':>11}")
    for name, seconds in took.items():
        print(f"{name:<36}{seconds:>8.2f} s{seconds / PEER_DOCUMENTS * 1000:>8.0f} ms")
    print()


if __name__ == "__main__":
    sys.exit(main())
