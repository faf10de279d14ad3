#!/bin/sh
# Name an image on the web, get a JPEG on white, cropped to the subject.
curl -sS --fail-with-body -X POST "$BASE_URL/v2" \
  -H "Authorization: Bearer $API_KEY" \
  -F "image_url=$IMAGE_URL" \
  -F "format=jpg" \
  -F "bg_color=#ffffff" \
  -F "crop=true" \
  -o "$OUTPUT"
