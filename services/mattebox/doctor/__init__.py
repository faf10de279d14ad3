"""`mattebox doctor`: facts are gathered, and pure checks make findings of them."""
