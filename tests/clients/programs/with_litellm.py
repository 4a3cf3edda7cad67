import json

import litellm

MODEL = "fal_ai/fal-ai/flux/schnell"

response = litellm.image_generation("a red fox", MODEL, api_key="any", size="1024x1024")
try:
    litellm.image_generation("x", MODEL, api_key="any")
except litellm.exceptions.BadRequestError as caught:
    error = {"type": type(caught).__name__, "status": caught.status_code}
print(json.dumps({"url": response.data[0].url, "error": error}))
