import { ValidationError, fal } from "@fal-ai/client";

const model = "fal-ai/flux/schnell";
const { data } = await fal.subscribe(model, { input: { prompt: "a red fox" } });
const uploaded = await fal.storage.upload(new Blob(["hello"], { type: "text/plain" }));
const caught = await fal.subscribe(model, { input: { prompt: "x" } }).catch((error) => error);
const error = { isOwn: caught instanceof ValidationError, status: caught.status };
console.log(JSON.stringify({ url: data.images[0].url, uploaded, error }));
