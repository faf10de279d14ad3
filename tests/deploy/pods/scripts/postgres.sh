#!/bin/sh
# What the official image's entrypoint does for a process that is not root: files are made once, by
# the variables POSTGRES_USER, POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE, and POSTGRES_DB.
set -eu

if [ "${1:-}" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
    user=${POSTGRES_USER:-postgres}
    database=${POSTGRES_DB:-$user}
    password=${POSTGRES_PASSWORD:-$(cat "$POSTGRES_PASSWORD_FILE")}
    mkdir -p "$PGDATA"
    chmod 700 "$PGDATA"
    printf '%s\n' "$password" > "$PGDATA.password"
    initdb --no-sync --username="$user" --pwfile="$PGDATA.password" --pgdata="$PGDATA"
    rm "$PGDATA.password"
    printf '\nhost all all all scram-sha-256\n' >> "$PGDATA/pg_hba.conf"
    printf "\nlisten_addresses = '*'\n" >> "$PGDATA/postgresql.conf"
    if [ "$database" != postgres ]; then
        pg_ctl start -w -D "$PGDATA" -o "-c listen_addresses=''"
        createdb --username="$user" "$database"
        pg_ctl stop -w -D "$PGDATA" -m fast
    fi
fi

exec "$@"
