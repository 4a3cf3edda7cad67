import { ApiError } from "@fal-ai/client";
import { generateImage } from "@tanstack/ai";
import { falImage } from "@tanstack/ai-fal";

const adapter = falImage("fal-ai/flux/schnell");
const result = await generateImage({ adapter, prompt: "a red fox", size: "square_hd" });
const caught = await generateImage({ adapter, prompt: "x" }).catch((error) => error);
const error = { isOwn: caught instanceof ApiError, status: caught.status };
console.log(JSON.stringify({ url: result.images[0].url, error }));
