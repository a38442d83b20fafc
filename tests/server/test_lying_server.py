"""A server that lies, or something on the way to it: its target fails, the rest of the fleet goes on."""
import concurrent.futures
import re
import subprocess

import access
import lying_proxy
import servers

# Over all versions; each takes its share
SEEDS = 500 if servers.TEST_ALL else 20 * len(servers.MAJORS)
AT_ONCE = 2

COMMANDS = [
    ["plan"], ["plan", "-v"], ["plan", "--format", "sql"], ["plan", "--format", "json"],
    ["plan", "--format", "markdown"], ["plan", "--mode", "strict", "--format", "sql"],
    ["plan", "--mode", "adopt", "--prune", "-v"], ["plan", "--hba"], ["snapshot"],
    ["hba", "diff", "-N", "pg-lie"], ["apply", "--yes"], ["apply", "--yes", "--mode", "adopt", "--prune"],
    ["plan", "--mode", "adopt", "--prune", "--format", "sql"],
]
# A colour ends what it begins, a newline ends a line; all else would drive a terminal
HIDDEN = re.compile("[\0-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def lived_in(server, path):
    """Something of every kind that a query answers, and somebody to leave."""
    servers.run("-i", path, "--conninfo", f"pg-lie={server.conninfo()}", "-N", "pg-lie",
                "apply", "--yes", "--mode", "adopt", "--init", expect=0)
    server.rows("CREATE ROLE leaver LOGIN; GRANT pgcharter_managed TO leaver;"
                "CREATE TABLE public.mine (a int, b int); ALTER TABLE public.mine OWNER TO leaver;"
                "GRANT SELECT (a) ON public.mine TO reader;"
                "CREATE FUNCTION public.f(int, text) RETURNS int LANGUAGE sql AS 'SELECT 1';"
                "GRANT EXECUTE ON FUNCTION public.f TO reader;"
                "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO reader", dbname="app")


def run_one(seed, path, server, good, folder):
    liar = lying_proxy.Liar(seed)
    command = COMMANDS[seed % len(COMMANDS)]
    with lying_proxy.lying(server, liar) as proxy:
        argv = [str(servers.PROGRAM), "-i", str(path),
                "--conninfo", f"pg-lie={proxy.conninfo()}",
                "--conninfo", f"pg-lie-1={proxy.conninfo()}",
                "--conninfo", f"pg-good={good.conninfo()}",
                "--conninfo", f"pg-good-1={good.conninfo()}", *command]
        if command[0] == "snapshot":
            argv += ["-d", str(folder)]
        if "sql" in command:
            argv += ["-N", "pg-lie"]
        done = subprocess.run(argv, capture_output=True, env=servers.clean_environment(),
                              stdin=subprocess.DEVNULL, timeout=servers.PATIENCE)
    return seed, liar, command, done


def problem_of(liar, command, done):
    """What such a run must never do; None: all is well."""
    out = done.stdout.decode(errors="replace")
    err = done.stderr.decode(errors="replace")
    if done.returncode not in (0, 1, 3, 4) or "Sanitizer" in err or "runtime error" in err:
        return f"ended with {done.returncode}"
    if HIDDEN.search(out) or HIDDEN.search(err):
        return f"a control character: {HIDDEN.search(out + err)}"
    if re.search(r"^\s*\\!", out + err, re.MULTILINE):
        return "a line that psql runs"
    if command[0] in ("plan", "apply") and "--format" not in command and \
            "--hba" not in command and not re.search(r"^pg-good.*: no changes", out, re.MULTILINE):
        return "the other cluster was not looked at"
    return None


def test_lies_end_one_target_and_nothing_else(server, new_server, tmp_path):
    """No crash, no live command of psql, nothing that a terminal acts on; the other cluster goes on."""
    good = new_server(server.major)
    seeds = range(servers.MAJORS.index(server.major), SEEDS, len(servers.MAJORS))
    children = {}
    for cluster in ("pg-good", "pg-lie"):
        children.update(servers.inventory(dict(access.RICH), cluster=cluster)["all"]["children"])
        children[cluster]["hosts"] = {f"10.1.{len(children)}.1": {"pg_seq": 1, "pg_role": "primary"}}
    path = servers.write_inventory(tmp_path / "inventory.yml",
                                   {"all": {"vars": {}, "children": children}})
    lived_in(server, path)
    servers.run("-i", path, "--conninfo", f"pg-good={good.conninfo()}", "-N", "pg-good",
                "apply", "--yes", "--init", "--mode", "adopt", expect=0)
    told, bad = 0, []
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for seed, liar, command, done in pool.map(
                lambda seed: run_one(seed, path, server, good, tmp_path), seeds):
            told += liar.told > 0
            problem = problem_of(liar, command, done)
            if problem is not None:
                bad.append(f"seed {seed}: {liar.kind} {liar.at}: {command}: {problem}\n"
                           f"{done.stderr.decode(errors='replace')[-2500:]}")
    assert not bad, f"{len(bad)} bad: " + "\n".join(bad[:5])
    assert told > len(seeds) / 3, f"only {told} of {len(seeds)} runs were lied to"
