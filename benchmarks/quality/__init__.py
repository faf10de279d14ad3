"""How good cut-outs are: ours beside rembg's, of the same network."""
