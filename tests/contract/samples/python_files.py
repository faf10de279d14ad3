"""A file as multipart with requests, which gives the part no type."""

import os
from pathlib import Path

import requests

with Path(os.environ["INPUT"]).open("rb") as image:
    response = requests.post(
        f"{os.environ['BASE_URL']}/v2",
        headers={"x-api-key": os.environ["API_KEY"]},
        files={"image_file": image},
        data={"format": "png", "channels": "rgba", "size": "full", "crop": "true"},
        timeout=60,
    )
response.raise_for_status()
Path(os.environ["OUTPUT"]).write_bytes(response.content)
