// A program with mistakes: each must be found, as the comment at the end of its line says.
import { fal } from "fal-endpoints";
import * as pika from "fal-endpoints/fal-ai/pika/v2.2/image-to-video";
import * as schemas from "fal-endpoints/zod/fal-ai/pika/v2.2/image-to-video";
import * as other from "fal-endpoints/fal-ai/pika/v2.2"; // TS2307 no such endpoint

const id = "fal-ai/pika/v2.2/image-to-video";
const input: pika.Input = { image_url: "https://example.com/a.png", prompt: "a smile" };

pika.subscribe({ prompt: "a smile" }); // TS2345 a required property is missing
pika.subscribe({ ...input, kind: 1 }); // TS2353 a name that the endpoint does not take
pika.subscribe({ ...input, resolution: "4k" }); // TS2322 a value that is not in the enum
pika.subscribe({ ...input, seed: "1" }); // TS2322 a value of another type
pika.subscribe({ ...input, seed: null }); // TS2322 null, where the endpoint takes none
pika.subscribe({ ...input, image_url: 1 }); // TS2322 neither a URL nor a file
pika.subscribe(); // TS2554 no input
pika.subscribe(input, { pollIntervall: 1 }); // TS2561 an option that the client does not have
fal.subscribe(id, { input: { ...input, resolution: "4k" } }); // TS2322 the same, by the id
(await pika.stream(input)).on("data", (result) => result.vidoe); // TS2551 a field of another name
fal.run(id, { input: { ...input, kind: 1 } }); // TS2353
fal.queue.submit(id, { input: { ...input, prompt: 1 } }); // TS2322

const { data } = await pika.subscribe(input);
data.vidoe; // TS2551 a field that the result does not have
const size: number = data.video.file_size; // TS2322 a value that may be missing
const name: number = (await fal.subscribe(id, { input })).data.video.url; // TS2322 of another type
const parsed: { prompt: number } = schemas.Input.parse({}); // TS2322 of another type
schemas.Input.pick({ kind: true }); // TS2353 a name that the schema does not have
export { name, other, parsed, size };
