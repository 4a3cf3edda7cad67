import { fal } from "@ai-sdk/fal";
import { APICallError, generateImage } from "ai";

const model = fal.image("fal-ai/flux/schnell");
const { image } = await generateImage({ model, prompt: "a red fox", size: "1024x768" });
const wrong = generateImage({ model, prompt: "x", maxRetries: 0 });
const caught = await wrong.catch((error) => error);
const error = { isOwn: APICallError.isInstance(caught), status: caught.statusCode };
console.log(JSON.stringify({ mediaType: image.mediaType, bytes: image.uint8Array.length, error }));
