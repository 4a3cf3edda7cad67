// Names that every object has may be left out.
import { type Input, submit } from "odd_names/acme/odd-names";

const input: Input = { "": [1] };
void submit(input);
void submit({ "": [1], toString: [2], constructor: [3] });
