"""What every bench uses: running both sides in turns, and one line for the result.

Each side runs several times, taking turns, and its fastest run counts: what is slower was disturbed.
"""
import os
import pathlib
import resource
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PROGRAM = pathlib.Path(os.environ.get("PGCHARTER_BIN") or ROOT / "build/pgcharter")
# What is started here gets nothing of the caller's but where programs are
ENVIRONMENT = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8",
               "HOME": "/nonexistent"}
ROUNDS = 5

sys.path.insert(0, str(ROOT / "tests/server"))
import servers  # noqa: E402  (the throwaway servers of tests/server, started the same way)

MAJOR = max(servers.MAJORS)
SERVER_SETTINGS = {"shared_buffers": "512MB", "max_wal_size": "8GB", "autovacuum": "off",
                   "max_locks_per_transaction": "2048", "max_connections": "100"}


def fastest(*sides, rounds=ROUNDS, before=None):
    """The shortest time of each side, the sides taking turns; before(number) is not counted."""
    best = [float("inf")] * len(sides)
    for _ in range(rounds):
        for number, side in enumerate(sides):
            if before is not None:
                before(number)
            start = time.perf_counter()
            side()
            best[number] = min(best[number], time.perf_counter() - start)
    return best


def report(work, reach, ours, theirs, yardstick, ratio):
    print(f"{work}: {ours:.3f} s; {yardstick}: {theirs:.3f} s; {ratio} (to reach: {reach})",
          flush=True)


def program(*arguments, codes=(0,)):
    """Runs the program for its time alone."""
    code = subprocess.run([str(PROGRAM), *map(str, arguments)], stdout=subprocess.DEVNULL,
                          env=ENVIRONMENT).returncode
    assert code in codes, f"pgcharter {' '.join(map(str, arguments))}: exit code {code}"


def output_of(*arguments):
    return subprocess.run([str(PROGRAM), *map(str, arguments)], check=True, text=True,
                          stdout=subprocess.PIPE, env=ENVIRONMENT).stdout


# What a process was before exec counts for its peak: so a small one starts the program
PEAK = ("import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")


def peak_mib(*arguments):
    """The program's largest resident set."""
    done = subprocess.run([sys.executable, "-c", PEAK, str(PROGRAM), *map(str, arguments)],
                          stdout=subprocess.PIPE, text=True, check=True, env=ENVIRONMENT)
    return int(done.stdout) / 1024


def server():
    """A throwaway server, large enough that its catalogs stay in memory."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    return servers.Postgres(MAJOR, settings=SERVER_SETTINGS)


def psql(running, path, *options, dbname="postgres"):
    subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", *options, "-f", str(path),
                    "-d", running.conninfo(dbname=dbname)],
                   check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT)


def psql_text(running, folder, text, *options, dbname="postgres"):
    path = folder / "setup.sql"
    path.write_text(text)
    psql(running, path, *options, dbname=dbname)


def target(running, cluster="pg-test"):
    return ["--conninfo", f"{cluster}={running.conninfo()}"]
