"""Speed and memory against what they have to reach."""
