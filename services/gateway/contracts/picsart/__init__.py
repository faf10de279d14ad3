"""Picsart's dialect: a picture in, a JSON answer with a URL to fetch the cut-out from."""
