// A tag narrows the type of a union.
import type { Dog, Output, VideoItem } from "tags/acme/tags";

declare const output: Output;
for (const item of output.items) {
  if (item.kind === "video") {
    const video: VideoItem = item;
    void video;
  }
}
if (output.answer?.animal === "Dog") {
  const dog: Dog = output.answer;
  void dog;
}
