"""Benches that need no server: reading, checking and rendering files."""
import ipaddress
import random
import subprocess
import sys

import yaml
from measure import HERE, fastest, program, report


def instance_hosts(count):
    return {f"10.{i // 250}.{i % 250}.1": {"pg_seq": 1, "pg_role": "primary",
                                          "pg_cluster": f"pg-{i:04}"} for i in range(count)}


def validate_10000_users(folder):
    """Python's side only reads the YAML; ours reads, binds and checks it."""
    users = [{"name": f"user_{i:05}", "password": f"Password.{i}", "comment": f"the user no. {i}",
              "roles": ["dbrole_readwrite" if i % 3 else "dbrole_admin"], "connlimit": i % 100 + 1}
             for i in range(10000)]
    path = folder / "users.yml"
    path.write_text(yaml.dump({"all": {
        "vars": {"admin_ip": "10.0.0.1"},
        "children": {"pg": {"hosts": instance_hosts(1), "vars": {"pg_users": users}}}}},
        Dumper=yaml.CSafeDumper, sort_keys=False))

    def load():
        subprocess.run([sys.executable, "-c", "import sys, yaml\n"
                        "yaml.load(open(sys.argv[1]), Loader=yaml.CSafeLoader)", str(path)],
                       check=True)

    ours, theirs = fastest(lambda: program("-i", path, "validate"), load)
    report("validate 10,000 users", "at most 0.2x", ours, theirs, "yaml.CSafeLoader",
           f"{ours / theirs:.2f}x")


def rules_of(folder):
    """Every active line of every file, its words."""
    return {path.name: [line.split() for line in path.read_text().splitlines()
                        if line and line[0] != "#"] for path in folder.glob("*.pg_hba.conf")}


def render_1000_instances(folder):
    """Both sides go from the inventory to a thousand files of fifty rules."""
    rules = [{"title": f"rule {i}", "user": f"user_{i}", "db": f"db_{i % 7}",
              "addr": ("world", "intra", "admin")[i % 3], "auth": ("ssl", "pwd")[i % 2],
              "role": ("common", "primary", "replica")[i % 3], "order": 100 + i}
             for i in range(50)]
    path = folder / "many.yml"
    path.write_text(yaml.safe_dump({"all": {
        "vars": {"admin_ip": "10.0.0.1", "pg_default_hba_rules": [], "pgb_default_hba_rules": [],
                 "pg_hba_rules": rules, "pgb_hba_rules": []},
        "children": {"every": {"hosts": instance_hosts(1000)}}}}, sort_keys=False))
    theirs_folder, ours_folder = folder / "theirs", folder / "ours"

    def jinja():
        subprocess.run([sys.executable, str(HERE / "render_jinja.py"), str(path),
                        str(theirs_folder)], check=True)

    ours, theirs = fastest(lambda: program("-i", path, "render", "hba", "-d", ours_folder), jinja)
    assert rules_of(ours_folder) == rules_of(theirs_folder), "the two sides do different work"
    report("render 1,000 instances of 50 rules", "over 100x faster", ours, theirs, "Jinja2",
           f"{theirs / ours:.0f}x faster")


def random_rules(count):
    """Rules as they grow over the years: persons, groups and everybody, hosts and networks."""
    draw = random.Random(count)
    for _ in range(count):
        bits = draw.choice((8, 16, 24, 24, 32, 32, 32))
        network = ipaddress.ip_network((draw.randrange(2**32) >> (32 - bits) << (32 - bits), bits))
        person = f"u{draw.randrange(count // 3)}"
        yield " ".join((draw.choice(("host", "hostssl", "hostnossl")),
                        draw.choice(("all", f"db{draw.randrange(50)}", "replication")),
                        draw.choice(("all", person, f"{person},u0", f"+g{draw.randrange(20)}")),
                        str(network), draw.choice(("scram-sha-256", "md5", "reject"))))


def lint_10000_rules(folder):
    """Both sides are ours: how the time grows with the number of rules."""
    paths = {}
    for count in (1000, 10000):
        paths[count] = folder / f"{count}.conf"
        paths[count].write_text("\n".join(random_rules(count)) + "\n")
    ours, theirs = fastest(lambda: program("hba", "lint", "--file", paths[10000]),
                           lambda: program("hba", "lint", "--file", paths[1000]))
    report("lint 10,000 rules", "at most 15x, under a second", ours, theirs, "1,000 rules",
           f"{ours / theirs:.1f}x")
