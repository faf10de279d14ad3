"""The guides of docs/guides: their programs are run as they stand on the pages."""
