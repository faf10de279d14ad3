"""Load on a running service, and what it costs the machine."""
