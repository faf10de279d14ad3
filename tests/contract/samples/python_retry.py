"""A client that heeds the contract's rule: 4xx never again, except 408 and 429; 5xx later."""

import os
from pathlib import Path

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

retry = Retry(
    total=5,
    status_forcelist=(408, 429, 500, 503, 504),
    allowed_methods=("POST",),
    backoff_factor=0.5,
    respect_retry_after_header=True,
)
with requests.Session() as session:
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    session.headers["x-api-key"] = os.environ["API_KEY"]
    account = session.get(f"{os.environ['BASE_URL']}/v2/account", timeout=60).json()
    if not account["api_key"]["valid"]:
        raise SystemExit("the key is not valid")
    image = Path(os.environ["INPUT"]).read_bytes()
    response = session.post(
        f"{os.environ['BASE_URL']}/v2",
        files={"image_file": ("input.jpg", image, "image/jpeg")},
        data={"despill": "true", "format": "webp"},
        timeout=60,
    )
    response.raise_for_status()
Path(os.environ["OUTPUT"]).write_bytes(response.content)
