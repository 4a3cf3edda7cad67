const LIFETIMES = {
  immediate: 60,
  "1h": 3_600,
  "1d": 86_400,
  "7d": 604_800,
  "30d": 2_592_000,
  "1y": 31_536_000,
};

// Each time has to be more than this, in its unit. The compiler accepts any number.
const TIMES = {
  timeout: [0, "milliseconds"],
  pollInterval: [0, "milliseconds"],
  startTimeout: [1, "second"], // fal rejects shorter ones
};

// Rejects a time that leaves none, before anything is sent.
export function checkTimes(options) {
  for (const [name, [limit, unit]] of Object.entries(TIMES)) {
    const value = options[name];
    if (value !== undefined && !(value > limit)) {
      throw new RangeError(`${name} should be more than ${limit} ${unit} (got ${value})`);
    }
  }
}

// The headers that options of a call are sent as.
export function headersOf({ headers, storageSettings, priority, hint, startTimeout }) {
  const values = {
    "x-fal-object-lifecycle-preference": lifecycle(storageSettings ?? {}),
    "x-fal-queue-priority": priority,
    "x-fal-runner-hint": hint,
    "x-fal-request-start-timeout": startTimeout,
    "x-fal-request-timeout": startTimeout, // the deprecated name, which servers may still expect
  };
  const sent = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) sent.push([name, String(value)]);
  }
  return Object.fromEntries(sent);
}

function lifecycle({ expiresIn, initialAcl }) {
  const seconds = typeof expiresIn === "number" ? expiresIn : LIFETIMES[expiresIn];
  const settings = { expiration_duration_seconds: seconds, initial_acl: initialAcl };
  const text = JSON.stringify(settings);
  return text === "{}" ? undefined : text;
}
