"""JSON with requests, both ways."""

import base64
import os
from pathlib import Path

import requests

encoded = base64.b64encode(Path(os.environ["INPUT"]).read_bytes()).decode()
response = requests.post(
    f"{os.environ['BASE_URL']}/v2",
    headers={"x-api-key": os.environ["API_KEY"]},
    json={"image_base64": f"data:image/jpeg;base64,{encoded}", "channels": "alpha"},
    timeout=60,
)
response.raise_for_status()
answer = response.json()
Path(os.environ["OUTPUT"]).write_bytes(base64.b64decode(answer["mask"]))
