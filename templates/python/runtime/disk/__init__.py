"""Files on this machine: safe names, locks, and files that are still incomplete."""
