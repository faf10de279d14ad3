#!/bin/sh
# Send nothing but the bytes; options stand in the query.
curl -sS --fail-with-body -X POST "$BASE_URL/v2?format=webp&crop=1" \
  -H "Authorization: Token $API_KEY" \
  -H "Content-Type: image/jpeg" \
  --data-binary "@$INPUT" \
  -o "$OUTPUT"
