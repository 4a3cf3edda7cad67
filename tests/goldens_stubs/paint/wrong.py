"""Written for fal-client, with mistakes: each line says what it is to mypy and to pyright.

Where what the call returns is used as well, that is one more error.
"""

# pyright: standard, reportDeprecated=error

import fal_client
from fal_client import AsyncClient, SyncClient

client = SyncClient()

misspelt = fal_client.subscribe("acme/paint", {"promt": "a lake"})  # var-annotated; reportDeprecated
print(misspelt["images"])  # index; reportIndexIssue
wrong_value = client.run("acme/paint", {"prompt": "", "size": "huge"})  # var-annotated; reportDeprecated
wrong_type = client.run("acme/paint", {"prompt": "", "steps": "5"})  # var-annotated; reportDeprecated
missing = client.run("acme/paint", {"steps": 5})  # var-annotated; reportDeprecated
deep = client.run("acme/paint", {"prompt": "", "colours": [{"nam": ""}]})  # var-annotated; reportDeprecated
fal_client.submit("acme/paint", {"promt": ""}, webhook_url="https://example.com")  # unused-coroutine; reportDeprecated, reportUnusedCoroutine
handle = client.submit("acme/paint", {"promt": "a lake"})  # var-annotated; reportDeprecated
handle.get()  # attr-defined; reportAttributeAccessIssue
for event in fal_client.stream("acme/paint", {"promt": ""}):  # attr-defined; reportDeprecated, reportGeneralTypeIssues
    pass

result = fal_client.subscribe("acme/paint", {"prompt": "a lake"})
print(result["image"])  # typeddict-item; reportGeneralTypeIssues
print(result["images"][0]["hight"])  # typeddict-item; reportGeneralTypeIssues
print(client.submit("acme/paint", {"prompt": ""}).get()["image"])  # typeddict-item; reportGeneralTypeIssues
print(fal_client.result("acme/paint", "an-id")["image"])  # typeddict-item; reportGeneralTypeIssues
print(fal_client.subscribe("acme/paint", {"prompt": ""}, with_log=True))  # call-overload, call-overload; reportCallIssue
fal_client.subscribe("acme/paint", {"prompt": ""}, priority="high")  # call-overload; reportArgumentType, reportCallIssue


async def wrong_async() -> None:
    await fal_client.subscribe_async("acme/paint", {"promt": ""})  # misc; reportGeneralTypeIssues
    handle = await AsyncClient().submit("acme/paint", {"prompt": ""})
    print((await handle.get())["image"])  # typeddict-item; reportGeneralTypeIssues
    async for event in fal_client.stream_async("acme/paint", {"promt": ""}):  # attr-defined; reportGeneralTypeIssues
        print(event)
