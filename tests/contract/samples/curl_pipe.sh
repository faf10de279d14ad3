#!/bin/sh
# Upload what comes out of a pipe, without a length, in chunks.
curl -sS --fail-with-body -X POST "$BASE_URL/v2" \
  -H "Authorization: Api-Key $API_KEY" \
  -H "Content-Type: application/octet-stream" \
  -H "Transfer-Encoding: chunked" \
  -T - -o "$OUTPUT" < "$INPUT"
