"""The playground in a real browser, over a real running service."""
