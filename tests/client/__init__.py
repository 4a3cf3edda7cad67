"""The generated client, tested through its front door over HTTP on loopback."""
