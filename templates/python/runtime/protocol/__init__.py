"""How fal works: its queue, storage and webhooks, as coroutines that do no I/O of their own."""
