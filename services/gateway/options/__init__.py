"""Fields of requests and the options in them, shared by the dialects. Pure."""
