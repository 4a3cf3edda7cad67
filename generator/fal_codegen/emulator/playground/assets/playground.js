// The playground: reads and fills the form that the server rendered, and calls the emulator.

import { by } from "./dom.js";
import { startEndpoint } from "./endpoint.js";
import { startIndex } from "./index.js";

if (by("call")) startEndpoint(by("call"));
else startIndex(by("filter"));
