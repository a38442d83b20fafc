#!/bin/bash
# The classic example on a PostgreSQL of its own, from nothing to people logging in.
# `./dev demo` builds build/pgcharter and calls this; what it starts it takes down again.
set -euo pipefail
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
    cp "$root/docs/examples/classic.yml" "$root/docs/examples/demo.sh" "$copy/docs/examples/"
    chmod -R a+rX "$copy"
    cd /
    runuser -u "$account" -- "$copy/docs/examples/demo.sh"
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
    printf '\n%s%s. %s%s\n\n' "$bold" "$step" "$*" "$plain"
}
show() { # prints the command as one would type it, then runs it
    local word line='$'
    for word in "$@"; do
        case "$word" in
        *' '*) line+=" '$word'" ;;
        *) line+=" $word" ;;
        esac
    done
    printf '%s\n' "$line"
    "$@"
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

# The example, with this server's superuser and version instead of Pigsty's
sed -e "s/^    pg_dbsu: .*/    pg_dbsu: $dbsu/" -e "s/^    pg_version: .*/    pg_version: $major/" \
    "$root/docs/examples/classic.yml" >classic.yml
ln -s "$root/build/pgcharter" pgcharter
export PATH=$work:$PATH PGCHARTER_INVENTORY=classic.yml
to_server=(--conninfo "pg-test=host=$work port=$port user=$dbsu dbname=postgres")

# ---- the tour

heading "Is the inventory right? No server is needed for that"
show pgcharter validate

heading "What would change on a fresh server"
show pgcharter "${to_server[@]}" -N pg-test plan

heading "Make it so"
# apply shows the plan that it carries out, which was read just above
show pgcharter "${to_server[@]}" -N pg-test apply --yes >applied
head -n 1 applied
printf '...\n'
tail -n 1 applied

heading "A second plan has nothing to do"
show pgcharter "${to_server[@]}" -N pg-test plan --detailed-exitcode | tee second-plan
grep -q 'no changes' second-plan || fail "the second plan is not empty"

heading "The pg_hba.conf of each instance"
show pgcharter -N pg-test render hba -d hba
for instance in pg-test-1:primary pg-test-2:replica pg-test-3:offline; do
    printf '\n%s%s, %s%s\n' "$bold" "${instance%:*}" "${instance#*:}" "$plain"
    # rules and their titles; rules of other instances' roles stay in the file as comments
    cat "hba/${instance%:*}.pg_hba.conf"
done

heading "The primary's takes effect"
show cp hba/pg-test-1.pg_hba.conf data/pg_hba.conf
as_dbsu() {
    "$bin/psql" -X -At -v ON_ERROR_STOP=1 -h "$work" -p "$port" -U "$dbsu" -d postgres -c "$1"
}
as_dbsu 'SELECT pg_reload_conf()' >reload.log
broken=$(as_dbsu 'SELECT count(*) FROM pg_hba_file_rules WHERE error IS NOT NULL')
[ "$broken" = 0 ] || fail "the server refuses $broken lines of it"
loaded=$(as_dbsu 'SELECT count(*) FROM pg_hba_file_rules')
printf 'The server took all %s rules of it.\n' "$loaded"

# ---- people

# Passwords reach psql in a file that only this account may read, never as an argument
cat >passfile <<'EOF'
*:*:*:analyst:Analyst.Reads
*:*:*:shop:Shop.Writes
*:*:*:release:Release.Creates
*:*:*:night_report:Night.Report
EOF
export PGPASSFILE=$work/passfile
person() { # USER DATABASE HOST SQL: as this user over the new pg_hba.conf
    "$bin/psql" -X -q -v ON_ERROR_STOP=1 "host=$3 port=$port user=$1 dbname=$2 connect_timeout=10" \
        -c "$4"
}
says() { # NAME WORDS... and what they got; fails the demo when they got nothing
    local name=$1 words=$2
    shift 2
    printf '\n%s%s%s %s\n' "$bold" "$name" "$plain" "$words"
    "$@" 2>&1 | sed 's/^/    /'
}
refused() { # NAME WORDS PATTERN... : as above, and it must be refused for that reason
    local name=$1 words=$2 reason=$3 answer
    shift 3
    printf '\n%s%s%s %s\n' "$bold" "$name" "$plain" "$words"
    ! answer=$("$@" 2>&1) || fail "$name was let in"
    printf '%s\n' "$answer" | sed "s#^#    #; s#$work#the socket#"
    case "$answer" in
    *"$reason"*) ;;
    *) fail "$name was refused for another reason" ;;
    esac
}

heading "People log in over it"
says release "makes a table, from 127.0.0.1" person release test 127.0.0.1 "
    SET ROLE dbrole_admin;
    CREATE TABLE shop.orders (id int GENERATED ALWAYS AS IDENTITY, item text NOT NULL);
    SELECT current_user AS \"as\", 'shop.orders'::regclass AS made"
says shop "writes into it, from 127.0.0.1, without a grant of anybody's" person shop test \
    127.0.0.1 "INSERT INTO shop.orders (item) VALUES ('a lamp'), ('two chairs') RETURNING *"
says analyst "reads it, over the socket" person analyst test "$work" "SELECT * FROM shop.orders"
refused analyst "may not write" "permission denied for table orders" \
    person analyst test "$work" "DELETE FROM shop.orders"
refused analyst "may not come to the primary over 127.0.0.1, which is for readers of a replica" \
    "no pg_hba.conf entry for host" person analyst test 127.0.0.1 "SELECT 1"
refused analyst "may not enter a database that has an owner" \
    'permission denied for database "tenant"' person analyst tenant "$work" "SELECT 1"

# ---- the end

heading "Taking it down"
kill -INT "$server"
wait "$server" || fail "the server did not end well"
server=
printf 'The server is stopped and %s goes with it. All as declared.\n' "$work"
