#!/bin/sh
# Upload a file, get a PNG with transparency.
curl -f "$BASE_URL/v2" \
  -H "x-api-key: $API_KEY" \
  -F "image_file=@$INPUT" \
  -F "format=png" \
  -F "channels=rgba" \
  -F "size=full" \
  -o "$OUTPUT"
