"""Written for fal-client, with mistakes: each line says what it is to mypy and to pyright.

What a refused call returns is anything to mypy and unknown to pyright.
"""

# pyright: standard

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import fal_client
from fal_client import AsyncClient, SyncClient, SyncRequestHandle

if TYPE_CHECKING:
    from fal_client._endpoints.acme.verdict import Input as VerdictInput

client = SyncClient()

# Each mistake.
misspelt = fal_client.subscribe("acme/paint", {"promt": "a lake"})  # arg-type; reportArgumentType, reportCallIssue
besides = fal_client.subscribe("acme/paint", {"prompt": "a lake", "step": 5})  # arg-type; reportArgumentType, reportCallIssue
wrong_value = client.run("acme/paint", {"prompt": "", "size": "huge"})  # arg-type; reportArgumentType, reportCallIssue
wrong_type = client.run("acme/paint", {"prompt": "", "steps": "5"})  # arg-type; reportArgumentType, reportCallIssue
missing = client.run("acme/paint", {"steps": 5})  # arg-type; reportArgumentType, reportCallIssue
nothing = client.run("acme/paint", {})  # arg-type; nothing
deep = client.run("acme/paint", {"prompt": "", "colours": [{"nam": ""}]})  # arg-type; reportArgumentType, reportCallIssue
no_dict = client.run("acme/paint", "a lake")  # call-overload; reportArgumentType, reportCallIssue
no_dict_either = client.run("acme/glue", ["a lake"])  # call-overload; reportArgumentType, reportCallIssue

# Wherever the call stands.
fal_client.subscribe("acme/paint", {"promt": ""})  # arg-type; reportArgumentType, reportCallIssue
fal_client.submit("acme/paint", {"promt": ""}, webhook_url="https://example.com")  # arg-type; reportArgumentType, reportCallIssue
fal_client.stream("acme/paint", {"promt": ""})  # arg-type; reportArgumentType, reportCallIssue
print(fal_client.subscribe("acme/paint", {"promt": ""}))  # arg-type; reportArgumentType, reportCallIssue
print(f"{fal_client.run('acme/paint', {'promt': ''})}")  # arg-type; reportArgumentType, reportCallIssue
print(fal_client.subscribe("acme/paint", arguments={"promt": ""})["images"])  # arg-type; reportArgumentType, reportCallIssue
print(fal_client.subscribe(arguments={"promt": ""}, application="acme/paint"))  # arg-type; reportArgumentType, reportCallIssue
print([fal_client.run("acme/paint", {"promt": word}) for word in "ab"])  # arg-type; reportArgumentType, reportCallIssue
print((lambda: client.run("acme/paint", {"promt": ""}))())  # arg-type; reportArgumentType, reportCallIssue
print(client.submit("acme/paint", {"promt": ""}).get())  # arg-type; reportArgumentType, reportCallIssue
handle: SyncRequestHandle = client.submit("acme/paint", {"promt": "a lake"})  # arg-type; reportArgumentType, reportCallIssue
for event in fal_client.stream("acme/paint", {"promt": ""}):  # arg-type; reportArgumentType, reportCallIssue
    pass
annotated: dict[str, Any] = client.run("acme/paint", {"promt": ""})  # arg-type; reportArgumentType, reportCallIssue
print(known := fal_client.run("acme/paint", {"promt": ""}))  # arg-type; reportArgumentType, reportCallIssue
if fal_client.run("acme/paint", {"promt": ""}):  # arg-type; reportArgumentType, reportCallIssue
    pass
with ThreadPoolExecutor() as pool:
    pool.submit(print, fal_client.run("acme/paint", {"promt": ""}))  # arg-type; reportArgumentType, reportCallIssue


def returned(other: "VerdictInput") -> Any:
    print(fal_client.run("acme/paint", other))  # call-overload; reportArgumentType, reportCallIssue
    return fal_client.run("acme/paint", {"promt": ""})  # arg-type; reportArgumentType, reportCallIssue


# What comes out, and options.
result = fal_client.subscribe("acme/paint", {"prompt": "a lake"})
print(result["image"])  # call-overload; reportArgumentType, reportCallIssue
print(result["images"][0]["hight"])  # call-overload; reportArgumentType, reportCallIssue
print(client.submit("acme/paint", {"prompt": ""}).get()["image"])  # call-overload; reportArgumentType, reportCallIssue
print(fal_client.result("acme/paint", "an-id")["image"])  # call-overload; reportArgumentType, reportCallIssue
print(fal_client.subscribe("acme/paint", {"prompt": ""}, with_log=True))  # call-overload; reportCallIssue
fal_client.subscribe("acme/paint", {"prompt": ""}, priority="high")  # call-overload; reportArgumentType, reportCallIssue


async def wrong_async() -> None:
    await fal_client.subscribe_async("acme/paint", {"promt": ""})  # arg-type; reportArgumentType, reportCallIssue
    print(await AsyncClient().run("acme/paint", {"promt": ""}))  # arg-type; reportArgumentType, reportCallIssue
    await asyncio.gather(fal_client.run_async("acme/paint", {"promt": ""}))  # arg-type; reportArgumentType, reportCallIssue
    await AsyncClient().submit("acme/paint", {"promt": ""})  # arg-type; reportArgumentType, reportCallIssue
    handle = await AsyncClient().submit("acme/paint", {"prompt": ""})
    print((await handle.get())["image"])  # call-overload; reportArgumentType, reportCallIssue
    fal_client.stream_async("acme/paint", {"promt": ""})  # arg-type; reportArgumentType, reportCallIssue
    async for event in fal_client.stream_async("acme/paint", {"promt": ""}):  # arg-type; reportArgumentType, reportCallIssue
        print(event)
    async with contextlib.nullcontext(client.run("acme/paint", {"promt": ""})):  # arg-type; reportArgumentType, reportCallIssue
        pass


# Right programs that type checkers reject: the README of the stubs has a way out of each.
def rejected(
    given: dict[str, int], size: str, colours: list[dict[str, Any]], key: str
) -> list[dict[str, Any]]:
    fal_client.run("acme/paint", {"prompt": "", **given})  # arg-type, dict-item; reportArgumentType, reportCallIssue
    fal_client.run("acme/paint", {"prompt": "", **({"steps": 5} if size else {})})  # arg-type; reportArgumentType, reportCallIssue
    fal_client.run("acme/paint", {name: value for name, value in given.items()})  # arg-type; reportArgumentType, reportCallIssue
    print(fal_client.run("acme/paint", {"prompt": ""})[key])  # call-overload; reportArgumentType, reportCallIssue
    for event in fal_client.stream("acme/paint", {"prompt": ""}):
        print((event.get("preview") or {}).get("url"))  # call-overload; nothing
        print(event.get("preview", {}).get("url"))  # call-overload; nothing
    fal_client.run("acme/paint", {"prompt": "", "size": size})  # arg-type; reportArgumentType, reportCallIssue
    fal_client.run("acme/paint", {"prompt": "", "colours": colours})  # arg-type; reportArgumentType, reportCallIssue
    return fal_client.run("acme/paint", {"prompt": ""})["images"]  # return-value; reportReturnType
