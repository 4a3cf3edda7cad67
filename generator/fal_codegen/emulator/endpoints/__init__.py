"""What is served: documents, their validation, and results of each endpoint."""
