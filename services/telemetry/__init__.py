"""Process plumbing that both services need: logs, metrics, request ids."""
