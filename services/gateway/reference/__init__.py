"""The description of the public API: for machines as OpenAPI, for people as a page."""
