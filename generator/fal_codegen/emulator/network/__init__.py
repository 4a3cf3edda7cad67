"""How callers reach the emulator: its socket, fal's hosts, access, and the HTTPS proxy."""
