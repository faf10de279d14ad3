"""The commands for accounts, keys, plans and usage, and the key that `mattebox up` starts with."""
