#!/bin/sh
# The same as a plain form, which is what -d sends.
curl -sS --fail-with-body "$BASE_URL/v2" \
  -H "x-api-key: $API_KEY" \
  --data-urlencode "image_url=$IMAGE_URL" \
  -d "size=preview" \
  -d "channels=alpha" \
  -o "$OUTPUT"
