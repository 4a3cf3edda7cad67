"""Written for fal-client, and right: clean under strict type checkers, and it runs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import fal_client
from fal_client import AsyncClient, SyncClient, SyncRequestHandle

if TYPE_CHECKING:
    from fal_client._endpoints.acme.paint import Input, Output

client = SyncClient(key="any")


def show(update: fal_client.Status) -> None:
    if isinstance(update, fal_client.InProgress):
        print(len(update.logs or []))


def typed() -> None:
    result = fal_client.subscribe(
        "acme/paint",
        arguments={
            "prompt": "a lake",
            "size": "large",
            "steps": 5,
            "seed": "random",
            "colours": [{"name": "ochre", "class": "earth", "light-fast": True}],
        },
        with_logs=True,
        on_queue_update=show,
        client_timeout=60,
    )
    url: str = result["images"][0]["url"]
    width: int | None = result["images"][0]["width"]
    print(url, width, result.get("seed"))

    arguments: Input = {"prompt": "a hill", "strength": 0.5}
    painted: Output = client.run("acme/paint", arguments, timeout=30)
    print(painted["mood"].upper())
    print(client.run("acme/paint", {**arguments, "steps": 5})["mood"].upper())

    handle = client.submit("acme/paint", {"prompt": "a tree"}, priority="low")
    print(handle.get()["images"][0]["url"].upper())
    again = client.get_handle("acme/paint", handle.request_id)
    print(again.get()["mood"].upper())
    print(fal_client.result("acme/paint", handle.request_id)["mood"].upper())

    for event in fal_client.stream("acme/paint", {"prompt": "a lake"}):
        print(event.get("progress", 0.5) + 1)

    verdict = fal_client.run("acme/verdict", {"prompt": "a lake", "__x": ""})
    print(sorted(verdict))
    print(fal_client.run("acme/wash", {"prompt": "", "more": True})["text"].upper())


def as_plain_dicts() -> dict[str, Any]:
    """Programs that were written without types treat results as plain dicts."""

    def saved(result: dict[str, Any]) -> str:
        return json.dumps(result)

    saved(fal_client.run("acme/paint", {"prompt": "a lake"}))
    annotated: dict[str, Any] = client.subscribe("acme/paint", {"prompt": "a lake"})
    annotated["note"] = "mine"
    result = fal_client.subscribe("acme/paint", {"prompt": "a lake"})
    print(saved(result), saved(result["images"][0]), "seed" in result)
    print(result.get("seed"), result.get("seed", 0) + 1, result.get("mood").upper())
    print(result.get("error"), result.get("another", "none"))
    every: dict[str, Any] = {**result, **client.submit("acme/paint", {"prompt": "a hill"}).get()}
    every.update(result)
    return result


async def typed_async() -> None:
    result = await fal_client.subscribe_async("acme/paint", {"prompt": "a lake"})
    print(result["images"][0]["url"].upper())
    mine = AsyncClient(key="any")
    handle = await mine.submit("acme/paint", {"prompt": "a lake"})
    async for update in handle.iter_events(interval=0.01):
        show(update)
    print((await handle.get())["mood"].upper())
    print((await mine.run("acme/paint", {"prompt": "a lake"}))["mood"].upper())
    async for event in mine.stream("acme/paint", {"prompt": "a lake"}):
        print(event.get("progress", 0.5) + 1)


def made_before(given: dict[str, Any]) -> None:
    """Dicts that are not written in the call: nobody knows what is in them."""
    arguments = {"prompt": "a lake"}
    print(fal_client.subscribe("acme/paint", arguments)["images"][0]["url"])
    mixed = {"prompt": "a lake", "steps": 5}
    for event in client.stream("acme/paint", mixed):
        print(event.get("progress"))
    objects: dict[str, object] = {**given, "steps": 5}
    print(client.submit("acme/paint", objects).get()["mood"])
    print(fal_client.run("acme/paint", given | {"steps": 5})["mood"])
    prompt = json.loads('"a lake"')
    print(fal_client.run("acme/paint", {"prompt": prompt})["mood"].upper())
    fal_client.run("acme/paint", json.loads('{"prompt": "a lake"}'))


def includes_untyped(given: dict[str, Any], **more: Any) -> None:
    """Dicts that are written in the call, with values of which nobody knows the type."""
    print(fal_client.subscribe("acme/paint", {"prompt": "a lake", **given})["mood"].upper())
    print(fal_client.subscribe("acme/paint", {"prompt": "a lake", **more})["mood"].upper())
    print(client.submit("acme/paint", {**given}).get()["mood"].upper())
    unknown = json.loads("5")
    print(fal_client.run("acme/paint", {**given, "steps": unknown})["mood"].upper())
    for event in client.stream("acme/paint", {**given, "size": "large"}):
        print(event.get("progress"))


async def includes_untyped_async(given: dict[str, Any]) -> None:
    print((await fal_client.run_async("acme/paint", {**given, "steps": 5}))["mood"].upper())
    handle = await AsyncClient(key="any").submit("acme/paint", {"prompt": "a lake", **given})
    print((await handle.get())["mood"].upper())


async def made_before_async(given: dict[str, Any]) -> None:
    print((await fal_client.subscribe_async("acme/paint", given))["mood"])
    async for event in fal_client.stream_async("acme/paint", given):
        print(event.get("progress"))


async def both_async() -> None:
    await typed_async()
    await made_before_async({"prompt": "a lake"})
    await includes_untyped_async({"prompt": "a lake"})


def called_by_others(given: dict[str, Any]) -> None:
    call: Callable[[str, dict[str, Any]], dict[str, Any]] = fal_client.run
    print(call("acme/paint", given)["mood"])
    with ThreadPoolExecutor() as pool:
        print(pool.submit(client.run, "acme/paint", given).result()["mood"])
        pool.submit(client.run, "acme/paint", {"prompt": "a lake"}).result()


def untyped(endpoint_id: str, given: dict[str, Any]) -> dict[str, Any]:
    """Endpoints that are not declared take, and return, anything."""
    for name in ("acme/glue", endpoint_id):
        print(fal_client.run(name, {})["whatever"], fal_client.run(name, given)["whatever"])
    print(fal_client.run("acme/glue", {**given, "more": 1})["whatever"])
    anything: dict[str, Any] = fal_client.subscribe("acme/glue", {"anything": [1]})
    print(anything["text"]["whatever"])
    handle: SyncRequestHandle = fal_client.submit(endpoint_id, {"anything": 1})
    print(handle.get()["whatever"])
    for event in fal_client.stream("acme/glue", {}):
        print(event["whatever"])
    # Where a path is given, it is another endpoint.
    print(fal_client.run("acme/paint", {"text": "a lake"}, path="/upside-down")["whatever"])
    return client.result("acme/glue", "an-id")


def plain_handles() -> None:
    handle: SyncRequestHandle = client.submit("acme/paint", {"prompt": "a lake"})
    print(handle.status())


typed()
as_plain_dicts()
asyncio.run(both_async())
made_before({"prompt": "a lake"})
includes_untyped({"prompt": "a lake"}, seed=3)
called_by_others({"prompt": "a lake"})
plain_handles()
print("done")
