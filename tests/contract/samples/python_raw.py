"""The bytes alone with requests, which sends them without a type."""

import os
from pathlib import Path

import requests

with Path(os.environ["INPUT"]).open("rb") as image:
    response = requests.post(
        f"{os.environ['BASE_URL']}/v2",
        params={"format": "tiff", "size": "medium"},
        headers={"x-api-key": os.environ["API_KEY"]},
        data=image,
        timeout=60,
    )
response.raise_for_status()
Path(os.environ["OUTPUT"]).write_bytes(response.content)
