"""An endpoint's OpenAPI document: read, corrected by a project, and its schemas normalised."""
