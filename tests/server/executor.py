"""Executors that are no superuser, and running a plan step by step as one of them."""
import json
import re

import psycopg2

import servers

NAME = "deploy"
PASSWORD = "'Any.Password'"


def conninfo(server, user=NAME):
    return ["--conninfo", f"pg-test={server.conninfo(user=user)}"]


def run(server, *arguments, user=NAME, **more):
    return servers.run(*conninfo(server, user), *arguments, **more)


def plan(server, path, *options, user=NAME, expect=0):
    """The one target of a plan, as JSON has it."""
    done = run(server, "-i", path, "plan", "--format", "json", *options, user=user, expect=expect)
    target, = json.loads(done.stdout)["targets"]
    return target


def notes(target, ident):
    return [note for note in target["notes"] if note["id"] == ident]


def refused(target):
    """Step number -> the note that says why the executor may not do it."""
    found = {}
    for note in notes(target, "insufficient-privilege"):
        number = re.match(r"step (\d+) \(", note["message"])
        if number:
            found[int(number.group(1))] = note
    return found


def help_of(note):
    """The statement that a superuser is asked to run, without the step itself."""
    found = re.match(r"ask a superuser to run (?!the step itself)(.*?)(, or to apply .*)?$", note["hint"])
    return found.group(1) if found else None


class StepByStep:
    """Runs steps as the executor, and those that the server refuses as a superuser."""

    def __init__(self, server, user=NAME):
        self.server, self.user, self.connections = server, user, {}

    def connection(self, user, database):
        """One for each, kept: a step may take CONNECT away, as it may within an apply."""
        if (user, database) not in self.connections:
            self.connections[user, database] = self.server.connect(user, database)
            self.connections[user, database].autocommit = True
        return self.connections[user, database]

    def attempt(self, step, user):
        """None when it worked, else the SQLSTATE; a warning that nothing was done is a failure."""
        if step["database"] is None:
            for key in [key for key in self.connections if key[1] != "postgres"]:
                self.connections.pop(key).close()
        connection = self.connection(user, step["database"] or "postgres")
        del connection.notices[:]
        try:
            with connection.cursor() as cursor:
                # several statements at once are one transaction
                cursor.execute(step["sql"].replace("<secret>", PASSWORD))
        except psycopg2.Error as failure:
            assert failure.pgcode, f"{step['sql']}: {failure}"
            return failure.pgcode
        return "warning" if any("no privileges" in notice for notice in connection.notices) else None

    def as_superuser(self, step):
        assert self.attempt(step, self.server.dbsu) is None, step
        # the steps after it are judged as if the executor had made it
        if step["action"] != "create":
            return
        if step["kind"] == "database" and " OWNER " not in step["sql"]:
            self.server.rows(f'ALTER DATABASE {quoted(step["name"])} OWNER TO {quoted(self.user)}')
        if step["kind"] == "role" and self.server.major >= 16:
            self.server.rows(f'GRANT {quoted(step["name"])} TO {quoted(self.user)}'
                             ' WITH ADMIN TRUE, INHERIT FALSE, SET FALSE')

    def run(self, steps, help_for=lambda step: None):
        """Step number -> what the server said where it refused; helped steps have to work then."""
        said = {}
        for step in steps:
            state = self.attempt(step, self.user)
            if state is None:
                continue
            said[step["seq"]] = state
            help_text = help_for(step)
            if help_text is None:
                self.as_superuser(step)
                continue
            self.server.rows(help_text)
            assert self.attempt(step, self.user) is None, f"{step['sql']}: no help was: {help_text}"
        return said


def quoted(name):
    return '"' + name.replace('"', '""') + '"'
