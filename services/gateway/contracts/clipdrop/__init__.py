"""Clipdrop's dialect: a form in, a file as Accept has it out, errors in its words."""
