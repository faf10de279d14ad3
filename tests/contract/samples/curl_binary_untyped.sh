#!/bin/sh
# --data-binary alone says that the body is a form; these clients take the type away.
curl -sS --fail-with-body -X POST "$BASE_URL/v2?api_key=$API_KEY" \
  -H "Content-Type:" \
  --data-binary "@$INPUT" \
  -o "$OUTPUT"
