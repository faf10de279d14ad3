"""From a published network to a graph with the one tensor contract, fetched, checked and proved."""
