"""A project: its declaration, its vendored documents and their lock, on disk."""
