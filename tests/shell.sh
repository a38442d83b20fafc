#!/bin/bash
# `./dev shell`: a shell beside a throwaway PostgreSQL, with psql and pgcharter on PATH and PG*
# set to the server. It is taken down when the shell ends.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

for bin in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -Vr); do
    [ ! -x "$bin/postgres" ] || break
done
[ -x "$bin/postgres" ] || {
    echo "./dev shell: no PostgreSQL server below /usr/lib/postgresql" >&2
    exit 1
}

# PostgreSQL refuses to run as root
as=()
[ "$(id -u)" != 0 ] || as=(runuser -u nobody --)
work=$(mktemp -d /tmp/pgc-shell.XXXXXX)
[ ${#as[@]} = 0 ] || chown nobody "$work"
server=
take_down() {
    if [ -n "$server" ] && kill -INT "$server" 2>/dev/null; then
        wait "$server" || true
    fi
    rm -rf "$work"
}
trap take_down EXIT

for variable in $(compgen -e | grep '^PG' || true); do unset "$variable"; done
cd /
"${as[@]}" "$bin/initdb" -D "$work/data" -U postgres -A trust --no-sync >"$work/initdb.log" 2>&1
"${as[@]}" "$bin/postgres" -D "$work/data" -F -c listen_addresses= \
    -c unix_socket_directories="$work" >"$work/server.log" 2>&1 &
server=$!
for _ in $(seq 300); do
    "$bin/pg_isready" -q -h "$work" && break
    sleep 0.1
done
cd "$root"
export PGHOST=$work PGUSER=postgres PGDATABASE=postgres PATH=$root/build:$PATH
printf 'PostgreSQL listens on a socket in %s; exit ends it. Try:\n  %s\n' "$work" \
    "pgcharter -i docs/examples/modern.yml --conninfo pg-shop=host=$work plan --init"
"${SHELL:-/bin/bash}" -i || true
