"""Jobs: what their models answer, how long they take, and the webhooks that report it."""
