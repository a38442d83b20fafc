"""HBA rules on a cluster of Patroni's: one list for all by its configuration, or by role with its
callback."""
import shlex
import shutil
import time

import psycopg2
import pytest

import patroni_cluster
import servers

pytestmark = pytest.mark.skipif(bool(patroni_cluster.MISSING), reason="not installed: "
                                + " ".join(patroni_cluster.MISSING) + " (./dev test installs them)")

RULES = [
    {"title": "dbsu", "addr": "local", "user": "${dbsu}", "auth": "trust", "order": 1},
    {"title": "monitor", "addr": "local", "user": "${monitor}", "auth": "pwd", "order": 2},
    {"title": "patroni", "addr": "127.0.0.0/8", "user": "postgres", "auth": "trust", "order": 3},
    {"title": "replication", "addr": "127.0.0.0/8", "user": "${repl}", "db": "replication",
     "auth": "trust", "order": 4},
    {"title": "replicator", "addr": "127.0.0.0/8", "user": "${repl}", "auth": "trust", "order": 5},
]
ALICE = {"title": "alice", "addr": "127.0.0.1/32", "user": "alice", "auth": "trust", "order": 6}
# no error of the inventory, but no server on Linux has it
REFUSED = {"title": "bsd", "order": 7, "rules": ["host all all 10.9.0.0/16 bsd"]}
BY_ROLE = [{"title": "writers", "role": "primary", "addr": "10.1.0.0/16", "user": "w", "order": 8},
           {"title": "readers", "role": "replica", "addr": "10.2.0.0/16", "user": "r", "order": 9}]


@pytest.fixture(scope="module")
def running():
    with patroni_cluster.PatroniCluster("pg-test") as cluster:
        yield cluster


@pytest.fixture
def cluster(running):
    running.reset()
    running.wait_for_leader(running.leader())
    yield running


@pytest.fixture
def write(running):
    """Writes the cluster's inventory where the callbacks' account may read it."""
    def write_rules(rules, name="inventory.yml", **more):
        hosts = {node.address: {"pg_seq": node.number, "pg_port": node.port, "pg_role": role}
                 for node, role in zip(running.nodes, ("primary", "replica"))}
        path = servers.write_inventory(running.folder / name, servers.inventory(
            {"pg_version": 15, "pg_default_hba_rules": [], "pg_hba_rules": rules, **more},
            hosts=hosts))
        if servers.AS_ROOT:
            shutil.chown(path, "nobody", "nogroup")
        return path
    return write_rules


KEPT = "pg_hba.conf.before-pgcharter"


def install(cluster, path, *options, **more):
    return servers.run("-i", path, *cluster.options(), "hba", "install", "--yes", *cluster.url_options(),
                       *options, **more)


def lines_of(path, node):
    text = servers.run("-i", path, "render", "hba", "-N", node.name).stdout
    return [line.strip() for line in text.splitlines() if line and not line.startswith("#")]


def lets_alice_in(node):
    try:
        node.rows("SELECT 1", user="alice", host=node.address)
        return True
    except psycopg2.OperationalError as error:
        if "no pg_hba.conf entry" in str(error):
            return False
        assert 'role "alice" does not exist' in str(error), error
        return True


def test_equal_rules_arrive_on_both_members(cluster, write):
    path = write([*RULES, ALICE])
    before = cluster.initial_hba
    for node in cluster.nodes:
        (node.data / KEPT).unlink(missing_ok=True)
    done = install(cluster, path, "--way", "patroni", "--take-over")
    assert "replaced, reloaded" in done.stdout
    for node, text in zip(cluster.nodes, before):
        assert node.rule_lines() == lines_of(path, node)
        assert lets_alice_in(node)
        assert f"{node.name}:\n" in done.stdout and str(node.data / KEPT) in done.stdout
        assert (node.data / KEPT).read_text() == text
    assert cluster.config_rules() == cluster.nodes[0].rule_lines()
    again = write([*RULES, ALICE], pg_hba_install="patroni")
    assert "no changes" in install(cluster, again).stdout
    changed = write(RULES, pg_hba_install="patroni")
    again = install(cluster, changed, "-N", "pg-test-2").stdout
    assert "replaced, reloaded" in again and "- refused host  database all  user alice" in again
    assert "no copy is kept: Patroni has written the file in place" in again
    for node in cluster.nodes:
        assert node.rule_lines() == lines_of(changed, node)
        assert not lets_alice_in(node)


def test_without_a_list_yet_it_has_to_be_taken_over(cluster, write):
    done = install(cluster, write(RULES), "--way", "patroni", expect=4)
    assert "has no postgresql.pg_hba yet" in done.stderr and "--take-over" in done.stderr
    assert cluster.config_rules() is None
    assert [node.hba_text() for node in cluster.nodes] == cluster.initial_hba


def test_rules_that_differ_by_role_are_refused(cluster, write):
    done = install(cluster, write([*RULES, *BY_ROLE]), "--way", "patroni", "--take-over", expect=4)
    assert "those of pg-test-1 and pg-test-2 differ" in done.stderr
    assert "nothing was changed" in done.stderr and "10.1.0.0/16" in done.stderr
    assert cluster.config_rules() is None


def test_rules_that_shut_somebody_out_are_refused(cluster, write):
    done = install(cluster, write(RULES[1:]), "--way", "patroni", "--take-over", expect=4)
    assert "would lock out" in done.stderr and "pg_dbsu over the socket" in done.stderr
    assert cluster.config_rules() is None


def test_a_rule_that_the_server_refuses_brings_the_old_list_back(cluster, write):
    install(cluster, write(RULES), "--way", "patroni", "--take-over")
    before = cluster.config_rules()
    done = install(cluster, write([*RULES, REFUSED]), "--way", "patroni", expect=1)
    assert "the old rules are back in force" in done.stderr and "bsd" in done.stderr
    assert cluster.config_rules() == before
    for node in cluster.nodes:
        assert node.rule_lines() == before and not node.broken_lines()


def test_where_there_was_no_list_the_old_files_come_back(cluster, write):
    done = install(cluster, write([*RULES, REFUSED]), "--way", "patroni", "--take-over", expect=1)
    assert "the old rules are back in force" in done.stderr
    assert cluster.config_rules() is None
    time.sleep(2.5)  # two rounds of Patroni's, which does not write them again
    assert [node.hba_text() for node in cluster.nodes] == cluster.initial_hba


def test_a_member_with_a_list_of_its_own_is_named(cluster, write):
    own = cluster.nodes[1]
    own.set_local_rules(["local all all trust", "host all all 127.0.0.1/32 trust",
                         "host replication all 127.0.0.1/32 trust"])
    try:
        servers.wait_until(lambda: len(own.rule_lines()) == 3, what="the list of its own")
        path = write(RULES)
        done = install(cluster, path, "--way", "patroni", "--take-over", expect=1)
        assert "pg-test-2 did not take the rules" in done.stderr
        assert "own Patroni YAML" in done.stderr
        assert cluster.nodes[0].rule_lines() == lines_of(path, cluster.nodes[0])
        assert len(own.rule_lines()) == 3
    finally:
        own.set_local_rules(None)
    servers.wait_until(lambda: own.rule_lines() == cluster.config_rules(),
                       what="the list of the dynamic configuration")


def test_apply_changes_the_list_of_all_members(cluster, write):
    path = write(RULES, pg_hba_install="patroni")
    leader = cluster.leader()
    options = ["-i", path, *cluster.options(), "--conninfo", f"pg-test={leader.conninfo()}"]
    plan = servers.run(*options, "plan").stdout
    assert "2 to write" in plan and "of pg-test-1 by Patroni" in plan
    refused = servers.run(*options, "apply", "--yes", *cluster.url_options(), expect=4)
    assert "--take-over" in refused.stderr
    servers.run(*options, "apply", "--yes", "--take-over", *cluster.url_options())
    for node in cluster.nodes:
        assert node.rule_lines() == lines_of(path, node) == cluster.config_rules()
    assert "no changes" in servers.run(*options, "plan", "--detailed-exitcode").stdout


def set_callbacks(cluster, path):
    for node in cluster.nodes:
        words = [str(servers.PROGRAM), "-i", str(path), "--conninfo",
                 f"{node.name}={node.conninfo()}", "hba", "install", "-N", node.name, "--way",
                 "file", "--callback"]
        environment = " ".join(f"{k}={shlex.quote(v)}" for k, v in
                               servers.clean_environment().items())
        node.set_callback(f'env -i {environment} {shlex.join(words)} "$@"\n')


def has_rules_of(node, role):
    marks = {"primary": "10.1.0.0/16", "replica": "10.2.0.0/16"}
    return marks[role] in node.hba_text() and \
        not any(mark in "\n".join(node.rule_lines()) for r, mark in marks.items() if r != role)


def test_a_switchover_swaps_the_files_of_primary_and_replica(cluster, write):
    path = write([*RULES, *BY_ROLE])
    if cluster.leader() is not cluster.nodes[0]:
        cluster.switch_over()
    first, second = cluster.nodes
    install(cluster, path, "--way", "file")
    assert has_rules_of(first, "primary") and has_rules_of(second, "replica")
    set_callbacks(cluster, path)
    assert cluster.switch_over() is second
    try:
        servers.wait_until(lambda: has_rules_of(first, "replica") and
                           has_rules_of(second, "primary"), what="the callbacks to swap the files")
    except AssertionError:
        raise AssertionError([(n.folder / "callback.log").read_text() for n in cluster.nodes])
    assert not first.broken_lines() and not second.broken_lines()
    # Asked by hand, the inventory's roles are told to be old, and the server's or Patroni's serve.
    warned = install(cluster, path, "--way", "file")
    assert "hba-role-differs" in warned.stderr and has_rules_of(first, "primary")
    for source in ("server", "patroni"):
        done = install(cluster, path, "--way", "file", "--pg-role-from", source)
        assert "hba-role-differs" not in done.stderr
        assert has_rules_of(first, "replica") and has_rules_of(second, "primary")
        install(cluster, path, "--way", "file")


def test_a_callback_for_another_event_does_nothing(cluster, write):
    path = write([*RULES, *BY_ROLE])
    before = cluster.nodes[0].hba_text()
    for event in ("on_start", "on_stop", "on_reload", "on_restart"):
        done = install(cluster, path, "-N", "pg-test-1", "--callback", event, "replica", "pg-test")
        assert done.stdout == "" and cluster.nodes[0].hba_text() == before


def test_a_callback_says_what_it_cannot_do(cluster, write):
    path = write([*RULES, *BY_ROLE])
    event = ["--callback", "on_role_change", "replica"]
    assert "select it with -N" in install(cluster, path, *event, "pg-test", expect=64).stderr
    one = ["-N", "pg-test-1", *event]
    assert "belongs to" in install(cluster, path, *one, "other", expect=64).stderr
    assert "way file or server" in install(cluster, path, *one, "pg-test", "--way", "patroni",
                                           expect=64).stderr
    assert "EVENT ROLE CLUSTER" in install(cluster, path, *one, expect=64).stderr
    unknown = install(cluster, path, "-N", "pg-test-1", "--callback", "on_role_change", "king",
                      "pg-test", expect=1)
    assert '"king"' in unknown.stderr


def test_a_patroni_that_does_not_answer_is_named(cluster, write):
    path = write(RULES)
    nowhere = f"http://127.0.0.1:{servers.free_port()}"
    done = servers.run("-i", path, *cluster.options(), "hba", "install", "--yes", "--patroni-url", nowhere,
                       "--way", "patroni", expect=1)
    assert "no Patroni answers" in done.stderr and nowhere in done.stderr
    for url, text in (("ftp://x", "takes a URL"), ("http://u:secret@x:8008", "netrc")):
        done = servers.run("-i", path, "hba", "install", "--yes", "--patroni-url", url, expect=64)
        assert text in done.stderr and "secret" not in done.stderr
