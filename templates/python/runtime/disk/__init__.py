"""Files on this machine: safe names, locks and incomplete downloads."""
