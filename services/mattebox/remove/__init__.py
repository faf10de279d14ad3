"""The command `mattebox remove`: cuts out many pictures, by a service or an engine of its own."""
