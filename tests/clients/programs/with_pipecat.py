import asyncio
import json

import aiohttp
from pipecat.frames.frames import ErrorFrame, TranscriptionFrame, URLImageRawFrame
from pipecat.services.fal.image import FalImageGenService
from pipecat.services.fal.stt import FalSTTService


async def main() -> None:
    async with aiohttp.ClientSession(trust_env=True) as session:
        settings = FalImageGenService.Settings(model="fal-ai/flux/schnell")
        painter = FalImageGenService(aiohttp_session=session, settings=settings)
        [image] = [frame async for frame in painter.run_image_gen("a red fox")]
        [error] = [frame async for frame in painter.run_image_gen("x")]
        listener = FalSTTService(aiohttp_session=session)
        [heard] = [frame async for frame in listener.run_stt(b"RIFF")]
    assert isinstance(image, URLImageRawFrame), image
    assert isinstance(error, ErrorFrame), error
    assert isinstance(heard, TranscriptionFrame), heard
    print(
        json.dumps({"url": image.url, "size": image.size, "text": heard.text, "error": error.error})
    )


asyncio.run(main())
