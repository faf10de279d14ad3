"""What callers and operators of Mattebox touch: the command line, the models, the stubs."""
