"""Everything that comes from fal: its catalogue, and endpoints' documents on their way here."""
