"""The handlers of fal's hosts: each answers an `IncomingRequest` with a response."""
