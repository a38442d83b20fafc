"""Inventories and acts that several server tests share."""
import servers

EXAMPLES = servers.ROOT / "docs/examples"

# Something of everything that plan and apply look after
RICH = {
    "pg_replication_password": "Secret.Replicator", "pg_monitor_password": "Secret.Monitor",
    "pg_admin_password": "Secret.Admin",
    "pg_users": [
        {"name": "owner_a", "password": "Secret.Owner.A", "roles": ["dbrole_admin"],
         "createdb": True, "connlimit": 7, "comment": "owns app"},
        {"name": "owner_b", "password": "Secret.Owner.B", "roles": ["dbrole_admin"]},
        {"name": "reader", "password": "Secret.Reader", "roles": ["dbrole_readonly"],
         "expire_at": "2099-01-01", "parameters": {"work_mem": "8MB", "search_path": "app,public"}},
        {"name": "writer", "password": "Secret.Writer", "roles": ["dbrole_readwrite"]},
        {"name": "group_x", "login": False},
        {"name": "member_x", "password": "Secret.Member",
         "roles": [{"name": "group_x", "admin": True}, "reader"]},
    ],
    "pg_databases": [
        {"name": "app", "owner": "owner_a", "revokeconn": True, "connlimit": 50,
         "comment": "first", "schemas": ["app", {"name": "own", "owner": "owner_a"}],
         "parameters": {"timezone": "UTC"}},
        {"name": "other", "owner": "owner_b", "schemas": ["s1", "s2"]},
        {"name": "plain"},
    ],
}
SECRETS = ["Secret.Owner.A", "Secret.Owner.B", "Secret.Reader", "Secret.Writer", "Secret.Member"]
SYSTEM_SECRETS = ["Secret.Replicator", "Secret.Monitor", "Secret.Admin"]


def plan_steps(path, server, *options):
    """The steps of a plan as JSON has them, for the one target of the run."""
    import json
    done = servers.run("-i", path, "plan", "--format", "json", *options, server=server)
    plan = json.loads(done.stdout)
    assert plan["format_version"] == 1
    return [step for target in plan["targets"] for step in target["steps"]]


def assert_settled(path, server, **more):
    """The law of every apply: the plan after it is empty, and so is the next."""
    for _ in range(2):
        again = servers.run("-i", path, "plan", "--detailed-exitcode", server=server, **more)
        assert "no changes" in again.stdout, again
