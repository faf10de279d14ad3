"""From pictures of the size a network takes to its mattes."""
