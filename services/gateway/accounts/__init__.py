"""Who may call: keys, and where they are kept."""
