#!/bin/sh
# Cuts the subject out of one photo with curl, and tries again where that may help.
#
#   export MATTEBOX_URL=http://127.0.0.1:8080 MATTEBOX_KEY=mb_live_…
#   sh examples/curl_remove.sh photo.jpg cut-out.png

# The key comes to curl on its standard input: its arguments are for every user of this machine to
# see. --retry is for 408, 429 and 5xx only, and heeds Retry-After.
if printf 'header = "x-api-key: %s"\n' "$MATTEBOX_KEY" |
  curl -sS --config - --fail-with-body --retry 3 --max-time 60 \
    -F "image_file=@$1" -F format=png -o "$2.part" \
    "${MATTEBOX_URL:-http://127.0.0.1:8080}/v2"
then
  mv "$2.part" "$2"
else
  # What came instead of a picture says why.
  [ ! -f "$2.part" ] || cat "$2.part" >&2
  rm -f "$2.part"
  exit 1
fi
