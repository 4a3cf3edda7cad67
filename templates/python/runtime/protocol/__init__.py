"""fal's protocol: its queue, storage and webhooks, as coroutines over an `Io`."""
