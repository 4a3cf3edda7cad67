"""What is answered, by fal's hosts. Handlers take a `Call` and return a response."""
