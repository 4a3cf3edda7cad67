"""What this client does with HTTP: connections, waiting, streams. It knows nothing of fal."""
