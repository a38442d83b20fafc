"""The verdict on a raw line is the server's own, and a name matches exactly its role."""
import json

import servers
import test_hba_on_servers as pgbouncer

# Each line alone is taken or refused; what builds differ in (ldap, gss, pam) is not in it.
LINES = [
    'local all "/(" trust', 'local all "/^al" trust', "local all / trust", 'local "/(" all trust',
    "host all all 10.1/16 trust", "host all all 010.0.0.1/32 trust",
    "host all all 0x0a.1/8 trust", "host all all 10.0.0.300 trust",
    "host all all 10.0.0.300/8 trust", "host all all 10.0.0.0/+8 trust",
    "host all all 10.0.0.0/08 trust", "host all all 10.0.0.0/-1 trust",
    "host all all 10.0.0.0/8x trust", "host all all fe80::1%lo/128 trust",
    "host all all ::/129 trust", "host all all ::1 trust",
    "host all all ::ffff:10.0.0.1/128 trust", 'host all all "all" trust',
    "host all all all trust", "host all all samenet trust", "host all all samehost trust",
    "host all all foo,bar trust", "host all all foo trust", "host all all .example.com trust",
    "host all all foo/8 trust", '"local" all all "trust"', "local all, all peer",
    "local all ,all peer", "local a,,b all peer", "local ,a all peer",
    "host all all 10.0.0.0 255.0.255.0 trust", "host all all 10.0.0.0 255 trust",
    "host all all 10.0.0.0/8 255.0.0.0 trust", "host all all 10.0.0.0/8 ident map=x",
    "local all all ident map=x", "local all all peer map=x", "host all all 10.0.0.0/8 md5 map=x",
    "host all all 10.0.0.0/8 trust map=x", "hostssl all all 10.0.0.0/8 cert map=x",
    "hostssl all all 10.0.0.0/8 cert clientcert=verify-ca",
    "hostssl all all 10.0.0.0/8 cert clientcert=verify-full",
    "hostssl all all 10.0.0.0/8 cert clientcert=no-verify",
    "hostssl all all 10.0.0.0/8 md5 clientcert=1", "hostssl all all 10.0.0.0/8 md5 clientcert=0",
    "hostssl all all 10.0.0.0/8 md5 clientcert=verify-ca",
    "hostssl all all 10.0.0.0/8 md5 clientcert=no-verify",
    "hostssl all all 10.0.0.0/8 md5 clientcert=x", "hostssl all all 10.0.0.0/8 md5 clientname=DN",
    "hostssl all all 10.0.0.0/8 md5 clientname=x",
    "host all all 10.0.0.0/8 md5 clientcert=verify-ca", "host all all 10.0.0.0/8 md5 foo",
    "host all all 10.0.0.0/8 md5 foo=1", "host all all 10.0.0.0/8 md5 =", "include x y",
    "include", "local", "local all", "local all all", "host all all", "host all all 10.0.0.0",
    "host all all 10.0.0.0 md5", "host all all 10.0.0.0/33 md5", "host all all 10.0.0.0/ md5",
    "host all all 10.0.0.0 ffff:: md5", "local,host all all md5",
    "host all all 10.0.0.0/8 md5,trust", "host all all 10.0.0.0/8 peer",
    "hostnossl all all 10.0.0.0/8 cert", "local all all cert", "host all all 10.0.0.0/8 radius",
    "host all all 10.0.0.0/8 radius radiusservers=127.0.0.1",
    "host all all 10.0.0.0/8 radius radiusservers=127.0.0.1 radiussecrets=s",
    "local all all radius radiusservers=127.0.0.1 radiussecrets=s", 'host all all "" md5',
    'local "" "" md5', "LOCAL all all md5", "local all all MD5", "local all all scram-sha-256",
    "local all all password", "local all all reject", "hostgssenc all all 10.0.0.0/8 md5",
    "hostnogssenc all all 10.0.0.0/8 md5", 'local "a b","c,d" "e""f" trust',
    "local sameuser,samerole,samegroup,replication +x trust", "local all all trust # comment",
    "# comment", "  ", "local all a#b trust", "local\tall\tall\ttrust",
]


def refused_lines(tmp_path, major, lines):
    """Which of the lines are an error for pgcharter, each on an inventory line of its own."""
    path = tmp_path / f"lines-{major}.yml"
    head = ["all:", "  children:", "    pg-test:", "      hosts:",
            "        10.0.0.1: {pg_seq: 1, pg_role: primary}", "      vars:",
            "        pg_cluster: pg-test", f"        pg_version: {major}",
            "        pg_default_hba_rules: []", "        pg_hba_rules:"]
    body = ["          - {rules: ['%s']}" % line.replace("'", "''") for line in lines]
    tail = ["  vars: {admin_ip: 10.0.0.1}"]
    path.write_text("\n".join([*head, *body, *tail, ""]))
    found = servers.run("-i", path, "validate", "--format", "json", expect=3)
    rows = {finding["line"] - len(head) - 1 for finding in json.loads(
        found.stdout)["diagnostics"] if finding["severity"] == "error"}
    return {lines[row] for row in rows}


def test_what_the_server_refuses_is_an_error_and_nothing_else(server, tmp_path):
    server.write_hba("local all postgres trust\n" + "\n".join(LINES) + "\n")
    broken = {number for number, in server.rows(
        "SELECT line_number FROM pg_hba_file_rules WHERE type IS NULL")}
    theirs = {line for number, line in enumerate(LINES, 2) if number in broken}
    ours = refused_lines(tmp_path, server.major, LINES)
    assert ours == theirs


NAMES = ["all", "replication", "sameuser", "+x", "@x", "/x", "/", "/.*", "#x", "a,b", "a b", 'q"q',
         "back\\", "Ünï-名前", "x" * 63, "UPPER", "'", "$", "%s", "plain"]


def test_a_name_in_a_list_matches_that_role_and_no_other(server, write):
    for name in NAMES:
        server.rows('CREATE ROLE "%s" LOGIN' % name.replace('"', '""'))
    for name in NAMES:
        path = write({"pg_version": server.major, "pg_default_hba_rules": [],
                      "pg_hba_rules": [{"title": "one", "user": [name], "db": ["postgres"],
                                        "addr": "local", "auth": "trust"}]})
        done = servers.run("-i", path, "render", "hba")
        server.write_hba("local all postgres trust\n" + done.stdout)
        loaded = server.value("SELECT pg_conf_load_time()")
        server.reload()
        servers.wait_until(lambda: server.value("SELECT pg_conf_load_time()") > loaded)
        let_in = [other for other in NAMES if can_connect(server, other)]
        assert let_in == [name], (name, done.stdout)


def can_connect(server, user):
    try:
        server.connect(user).close()
    except servers.psycopg2.OperationalError as error:
        assert "no pg_hba.conf entry" in str(error), error
        return False
    return True


def test_pgbouncer_skips_exactly_what_is_an_error(write, tmp_path):
    lines = [
        "local all all trust", "host all all 10.0.0.0/8 md5", "host all all 10.0.0.0/8 ident",
        "host all all 10.0.0.0/8 pam", "local all all peer map=x", "hostgssenc all all ::/0 md5",
        "host all +g 10.0.0.0/8 md5", "host replication all 10.0.0.0/8 md5",
        "host samerole all 10.0.0.0/8 md5", "host sameuser all 10.0.0.0/8 md5",
        "host all all all md5", "host all all samehost md5", "host all all db.example.com md5",
        "host all all 10.0.0.1 md5", "host all all 10.0.0.0 255.0.0.0 md5",
        "host all all 10.0.0.0/33 md5", "host all all fe80::1%lo/128 md5", 'local all a"b" md5',
        '"local" all all md5', 'local "a b","+c" "all" md5', "local a, b c ,d md5",
        "local a,,b c md5", "host all all 010.0.0.0/8 md5", "host all all 10.0/16 md5",
        "host all replication 10.0.0.0/8 md5", "local all all md5 # why", "# nothing", "include x",
        "host all all 10.0.0.0/8 MD5", "hostssl all all ::/0 cert", "local all all scram-sha-256",
        'host all all "10.0.0.0/8" md5', 'local all all "md5"', "local all a#b md5",
    ]
    for line in lines:
        rules = {"pg_default_hba_rules": [], "pgb_default_hba_rules": [],
                 "pgb_hba_rules": [{"title": "line", "rules": [line]}]}
        found = servers.run("-i", write(rules), "validate", expect=None)
        (tmp_path / "hba").write_text(line + "\n")
        skipped = "could not parse hba config line" in pgbouncer.pgbouncer_log(tmp_path / "hba")
        assert (found.code == 3) == skipped, (line, found)
