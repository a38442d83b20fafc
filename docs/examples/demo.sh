#!/bin/bash
# Three people and a database on a PostgreSQL of their own. `./dev demo` builds build/pgcharter and
# calls this; what it starts it takes down again. --all prints whole plans and files.
set -euo pipefail
all=0
[ "${1:-}" != --all ] || all=1
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

fail() {
    printf 'demo: %s\n' "$*" >&2
    exit 1
}

# PostgreSQL refuses to run as root, and an unprivileged account may not see root's checkout: it
# gets copies of the three files that the demo needs.
if [ "$(id -u)" = 0 ]; then
    account=postgres
    id "$account" >/dev/null 2>&1 || account=nobody
    copy=$(mktemp -d /tmp/pgcharter-demo.XXXXXX)
    trap 'rm -rf "$copy"' EXIT
    mkdir -p "$copy/build" "$copy/docs/examples"
    cp "$root/build/pgcharter" "$copy/build/"
    cp "$root/docs/examples/demo.yml" "$root/docs/examples/demo.sh" "$copy/docs/examples/"
    chmod -R a+rX "$copy"
    cd /
    runuser -u "$account" -- "$copy/docs/examples/demo.sh" "$@"
    exit
fi

for bin in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -Vr); do
    [ ! -x "$bin/postgres" ] || break
done
[ -x "$bin/postgres" ] || fail "no PostgreSQL server below /usr/lib/postgresql"

umask 077
work=$(mktemp -d /tmp/pgcharter-demo.XXXXXX)
server=
take_down() {
    if [ -n "$server" ] && kill -INT "$server" 2>/dev/null; then
        wait "$server" || true
    fi
    rm -rf "$work"
}
trap take_down EXIT
trap 'exit 130' INT TERM
cd "$work"

bold=$(tput bold 2>/dev/null || true) plain=$(tput sgr0 2>/dev/null || true)
[ -t 1 ] && [ -z "${NO_COLOR:-}" ] || bold='' plain=''
step=0
heading() {
    step=$((step + 1))
    printf '\n%s%s. %s%s\n' "$bold" "$step" "$*" "$plain"
}
# ---- the server

dbsu=$(id -un)
# A PG* variable of the caller's must not lead anything here to another server
for variable in $(compgen -e | grep '^PG' || true); do unset "$variable"; done
port=$((20000 + RANDOM % 20000))
while (: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done

major=$("$bin/postgres" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
printf 'Starting PostgreSQL %s as %s, on a socket in %s and on 127.0.0.1:%s ...\n' \
    "$major" "$dbsu" "$work" "$port"
"$bin/initdb" -D "$work/data" -U "$dbsu" -A peer --no-sync --locale=C -E UTF8 >initdb.log 2>&1 ||
    fail "initdb: $(cat initdb.log)"
"$bin/postgres" -D "$work/data" -F -p "$port" -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories="$work" >server.log 2>&1 &
server=$!
for _ in $(seq 300); do
    "$bin/pg_isready" -q -h "$work" -p "$port" && break
    kill -0 "$server" 2>/dev/null || fail "the server did not start: $(cat server.log)"
    sleep 0.1
done

# The example, with this server's superuser and version
sed -e "s/postgres/$dbsu/" -e "s/pg_version: .*/pg_version: $major/" "$root/docs/examples/demo.yml" >shop.yml
ln -s "$root/build/pgcharter" pgcharter
export PATH=$work:$PATH PGCHARTER_INVENTORY=shop.yml PGDATABASE=postgres
export COLUMNS=120
for person in ALICE BOB CAROL; do
    export "${person}_PASSWORD=$(od -An -tx1 -N12 /dev/urandom | tr -d ' \n')"
done
to_server=(--conninfo "pg-shop=host=$work port=$port user=$dbsu")

as_dbsu() {
    "$bin/psql" -X -At -q -v ON_ERROR_STOP=1 -h "$work" -p "$port" -U "$dbsu" -d "$1" -c "$2"
}
as_person() { # NAME SQL: over TCP with the password, as everybody comes
    local password="${1^^}_PASSWORD"
    PGPASSWORD=${!password} "$bin/psql" -X -At -q -w -h 127.0.0.1 -p "$port" -U "$1" -d shop -c "$2" 2>&1
}
tool() { # CODE ARGUMENT...: pgcharter as one would type it; it has to end with that code
    local expected=$1 code=0
    shift
    printf '$ pgcharter %s\n' "$*"
    pgcharter "${to_server[@]}" "$@" >output 2>&1 || code=$?
    [ "$code" = "$expected" ] || fail "pgcharter $* ended with $code: $(cat output)"
}
said() { # LABEL PATTERN TEXT: what a person was told, which has to match
    [[ "$3" =~ $2 ]] || fail "$1 $3"
    printf '%-13s %s\n' "$1" "$3"
}
part() { # the lines of the last output that match; with --all the whole of it
    if [ "$all" = 1 ]; then cat output; else grep -E -- "$1" output || fail "no \"$1\" in: $(cat output)"; fi
}

# ---- the tour

heading "An inventory: alice writes, bob and carol read. No server is needed to check it"
[ "$all" = 0 ] || cat shop.yml
tool 0 validate
part 'errors'

heading "What would change on this server, and making it so"
tool 0 plan
part '^pg-shop: .* to '
tool 0 apply --yes
part 'steps? done'
tool 0 plan --detailed-exitcode
part '\): no changes'

heading "Who may connect from where: rules that lock somebody out are refused"
sed "s/local all $dbsu peer/local all all reject/" shop.yml >lockout.yml
tool 4 -i lockout.yml -N pg-shop-1 hba install --yes --way server
part 'error'
[ "$all" = 0 ] || pgcharter -N pg-shop-1 render hba
tool 0 -N pg-shop-1 hba install --yes --way server
part 'is kept|replaced'

heading "They log in with SCRAM, and may do what was declared"
as_dbsu shop "SET ROLE shop; CREATE TABLE app.orders (id int); INSERT INTO app.orders VALUES (42)"
said 'alice writes:' '^43$' "$(as_person alice "INSERT INTO app.orders VALUES (43) RETURNING id")"
said 'bob counts:' '^2$' "$(as_person bob "SELECT count(*) FROM app.orders")"
said 'bob writes:' 'permission denied' "$(as_person bob "INSERT INTO app.orders VALUES (44)" || true)"
[ "$(as_dbsu postgres "SELECT count(*) FROM pg_authid WHERE rolpassword LIKE 'SCRAM-SHA-256$%'")" = 3 ] ||
    fail "not all passwords are SCRAM verifiers"

heading "Somebody grants by hand. The next plan finds it, the next apply takes it away"
printf 'by hand: GRANT UPDATE, DELETE ON app.orders TO bob\n'
as_dbsu shop "GRANT UPDATE, DELETE ON app.orders TO bob"
tool 2 plan --detailed-exitcode
part 'REVOKE|^pg-shop: '
tool 0 apply --yes
part 'steps? done'

heading "A rule that no connection reaches"
printf 'host all all 127.0.0.0/8 scram-sha-256\nhost shop bob 127.0.0.1/32 reject\n' | tee old_hba.conf
tool 0 hba lint --file old_hba.conf --pg-version "$major"
part 'hba-unreachable'

heading "Carol leaves: her line goes, she is disabled, and nothing of hers is lost"
sed -i '/name: carol/d' shop.yml
tool 0 apply --yes
part 'NOLOGIN|steps? done'
said 'carol:' 'not permitted to log in' "$(as_person carol "SELECT 1" | sed 's/.*FATAL/FATAL/' || true)"
tool 0 plan --detailed-exitcode
part '\): no changes'
