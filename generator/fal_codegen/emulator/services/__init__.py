"""The handlers of fal's hosts: each takes an `IncomingRequest` and returns a response."""
