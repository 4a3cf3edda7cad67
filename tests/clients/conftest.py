"""Documents like those of the endpoints that others' clients know by name."""

from __future__ import annotations

from emulator.documents import Schema, document

_PROMPT: Schema = {"type": "string", "minLength": 2}

_IMAGE_SIZES = ["square_hd", "square", "landscape_4_3", "landscape_16_9"]

_IMAGE: Schema = {
    "type": "object",
    "required": ["url"],
    "properties": {
        "url": {"type": "string"},
        "width": {"type": "integer"},
        "height": {"type": "integer"},
        "content_type": {"type": "string", "default": "image/png"},
    },
}

_PAINTING_INPUT: Schema = {
    "type": "object",
    "required": ["prompt"],
    "properties": {
        "prompt": _PROMPT,
        "image_size": {
            "anyOf": [
                {"$ref": "#/components/schemas/Size"},
                {"type": "string", "enum": _IMAGE_SIZES},
            ]
        },
        "num_images": {"type": "integer", "minimum": 1, "maximum": 4, "default": 1},
        "num_inference_steps": {"type": "integer", "minimum": 1, "maximum": 12},
        "enable_safety_checker": {"type": "boolean", "default": True},
    },
}

_PAINTING_OUTPUT: Schema = {
    "type": "object",
    "required": ["images", "seed"],
    "properties": {
        "images": {"type": "array", "items": {"$ref": "#/components/schemas/Image"}},
        "seed": {"type": "integer"},
    },
}

_FILM_INPUT: Schema = {
    "type": "object",
    "required": ["prompt"],
    "properties": {"prompt": _PROMPT},
}

_FILM_OUTPUT: Schema = {
    "type": "object",
    "required": ["video"],
    "properties": {"video": {"$ref": "#/components/schemas/File"}},
}

_SPEECH_INPUT: Schema = {
    "type": "object",
    "required": ["audio_url"],
    "properties": {
        "audio_url": {"type": "string"},
        "language": {"type": "string", "enum": ["de", "en"], "default": "en"},
        "task": {"type": "string", "enum": ["transcribe", "translate"]},
        "chunk_level": {"type": "string", "const": "segment"},
        "version": {"type": "string", "const": "3"},
    },
}

_SPEECH_OUTPUT: Schema = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string", "examples": ["a red fox"]}},
}

DOCUMENTS = (
    document(
        "fal-ai/flux/schnell", _PAINTING_INPUT, _PAINTING_OUTPUT, components={"Image": _IMAGE}
    ),
    document("fal-ai/hunyuan-video", _FILM_INPUT, _FILM_OUTPUT, category="text-to-video"),
    document("fal-ai/wizper", _SPEECH_INPUT, _SPEECH_OUTPUT, category="speech-to-text"),
)
