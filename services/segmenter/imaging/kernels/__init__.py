"""What NumPy and Pillow would take several passes for, in C: one pass over the pixels.

Each `*.c` has a module of its name that says what it does and checks what it is handed.
"""
