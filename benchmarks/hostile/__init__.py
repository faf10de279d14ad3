"""Files built or broken to do harm, and what a service may answer to them."""
