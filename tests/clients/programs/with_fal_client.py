import json

import fal_client

MODEL = "fal-ai/flux/schnell"

result = fal_client.subscribe(MODEL, {"prompt": "a red fox"})
uploaded = fal_client.upload(b"hello", "text/plain", "hello.txt")
try:
    fal_client.subscribe(MODEL, {"prompt": "x"})
except fal_client.FalClientHTTPError as caught:
    error = {"type": type(caught).__name__, "status": caught.status_code}
print(json.dumps({"url": result["images"][0]["url"], "uploaded": uploaded, "error": error}))
