"""HTTP: connections, retries, streams. Nothing in here depends on fal's protocol."""
