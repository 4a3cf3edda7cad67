"""Record the answers of fal, and replay them."""
