"""What is so on this machine. Looks, and judges nothing; changes nothing."""
