"""The download of images that requests name by URL, from public addresses only."""
