#!/bin/sh
# JSON in, JSON out; the image is taken out of the answer.
printf '{"image_base64": "%s", "format": "png"}' "$(base64 < "$INPUT" | tr -d '\n')" |
curl -sS --fail-with-body "$BASE_URL/v2" \
  -H "x-api-key: $API_KEY" \
  -H "Content-Type: application/json" \
  -d @- |
sed 's/.*"image": *"\([^"]*\)".*/\1/' | base64 -d > "$OUTPUT"
