"""A plain form with requests: the image is named, not sent."""

import os
from pathlib import Path

import requests

response = requests.post(
    f"{os.environ['BASE_URL']}/v2",
    headers={"Authorization": f"Bearer {os.environ['API_KEY']}"},
    data={"image_url": os.environ["IMAGE_URL"], "format": "jpg", "bg_color": "#008080"},
    timeout=60,
)
if response.status_code != requests.codes.ok:
    raise SystemExit(response.json()["error"]["message"])
Path(os.environ["OUTPUT"]).write_bytes(response.content)
