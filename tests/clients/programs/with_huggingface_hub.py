import json

from huggingface_hub import InferenceClient
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.hf_api import InferenceProviderMapping
from huggingface_hub.inference._providers import _common

MODEL = "black-forest-labs/FLUX.1-schnell"
VIDEO = "tencent/HunyuanVideo"

# The library asks its hub, unless it knows the mapping of a model.
for model, id_, task in (
    (MODEL, "fal-ai/flux/schnell", "text-to-image"),
    (VIDEO, "fal-ai/hunyuan-video", "text-to-video"),
):
    _common.HARDCODED_MODEL_INFERENCE_MAPPING["fal-ai"][model] = InferenceProviderMapping(
        provider="fal-ai", hf_model_id=model, providerId=id_, status="live", task=task
    )

client = InferenceClient(provider="fal-ai", api_key="any")
image = client.text_to_image("a red fox", model=MODEL)
video = client.text_to_video("a red fox", model=VIDEO)
try:
    client.text_to_image("x", model=MODEL)
except HfHubHTTPError as caught:
    error = {"type": type(caught).__name__, "status": caught.response.status_code}
print(json.dumps({"format": image.format, "video": len(video), "error": error}))
