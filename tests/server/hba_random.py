"""Random HBA files and connections for the differential tests: everything from one seed.

Addresses lie in 127.0.0.0/8 and on ::1, where a client can bind; few names, so that rules meet.
"""
import random

# role -> (is superuser, memberships)
ROLES = {
    "base": (False, []), "readers": (False, ["base"]), "writers": (False, ["readers"]),
    "alice": (False, ["readers"]), "bob": (False, []), "carol": (False, ["writers", "app"]),
    "app": (False, []), "Dave": (False, ["base"]), "a b": (False, []), "e,f": (False, ["readers"]),
    'q"q': (False, []), "+readers": (False, []), "all": (False, ["writers"]),
    "replication": (False, []), "sameuser": (False, []), "svc_1": (False, []),
    "svc_22": (False, ["base"]), "root_a": (True, []), "root_b": (True, ["readers"]),
    "/^a": (False, []), "#x": (False, []), "@names": (False, []), "Ünï": (False, ["base"]),
}
USERS = [*ROLES, "ghost", "Alice"]
GROUPS = ["base", "readers", "writers", "app", "ghost", "alice"]
DATABASES = ["app", "app_1", "web", "alice", "bob", "readers", "base", "replication", "all",
             "sameuser", "my db", "postgres", "a,b", "/^a", "Ünï"]
REGEXES = ["^a", "^app(_[0-9]+)?$", "b$", "^svc_\\d+$", "^[a-c]", "e", "^(alice|bob)$",
           "^[[:alpha:]]+$", "^.{3}$", "^[^a]", "o+", "\\w\\s\\w", "^$", "", "^Ün", "^[A-Z]",
           "^\\W", "a|b", "(l|o)[ib]", "^.{5}$", "^[Üx]", "\\mb$", "^(?!a)", "i(?=c)",
           "^(?:ap+)+_",
           "[^\\w]", "[\\W]", "^[[:upper:][:digit:]]", "^\\S+\\Z", "a+?p", "[b-]", "^[]r]", "{|o"]
NAME_FILES = {"names": "alice, bob\n# carol\n\"a b\"\n", "nested": "@names\nsvc_1 +base\n",
              "lone": "app\n", "words": "all", "groups": "+readers,\n+app\n",
              "crlf": "web\r\nbob\r\n",
              "empty": "# nobody\n"}
# PgBouncer wants a list on every line, and no comments
BOUNCER_NAME_FILES = {"names": "alice, bob\n\"a b\"\ncarol", "nested": "@names,svc_1\r\n",
                      "lone": "app\n", "words": "all", "empty": "", "blank": "alice\n\nbob\n",
                      "group": "+readers\n", "two": "alice bob\n", "comma": "alice,\n"}
V4 = ["127.0.0.1", "127.0.0.2", "127.1.0.1", "127.1.2.3", "127.1.2.9", "127.1.3.3", "127.200.0.7"]
NETWORKS = ["127.0.0.0/8", "127.1.0.0/16", "127.1.2.0/24", "127.1.2.3/32", "127.1.2.9/24",
            "127.0.0.1/32", "0.0.0.0/0", "::/0", "::1/128", "127.1.0.0 255.255.0.0",
            "127.1.2.3 255.255.255.255", "127.0.0.3 255.0.0.255", "::1 ffff::", "10.0.0.0/8",
            "fe80::/10", "127.0.0.0/9", "127.128.0.0/9", "127.1.2.0/31", "127.1/16",
            "0177.0.0.0/8", "127.0.0.0/+8", "127.0.0.0/08", '"127.0.0.0/8"', "127.1.2.3/0",
            "::ffff:127.0.0.1/128", "0::1/127", "127.0.0.1 0.0.0.0", "2130706433/32"]
METHODS = ["password"] * 6 + ["scram-sha-256"] * 3 + ["md5"] * 3 + ["trust"] * 3 + ["reject"] * 3


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def is_plain(name):
    return name.replace("_", "a").isalnum()


class Maker:
    """pgbouncer: only words that its dialect has."""

    def __init__(self, seed, major, pgbouncer=False):
        self.random = random.Random(f"{seed} {major} {pgbouncer}")
        self.major, self.pgbouncer = major, pgbouncer

    def chance(self, share):
        return self.random.random() < share

    def pick(self, items):
        return self.random.choice(items)

    # ---- lines

    def name(self, names):
        name = self.pick(names)
        if self.chance(0.25) or not is_plain(name):
            return quoted(name)
        if not self.pgbouncer and self.chance(0.1):  # quotes in the middle keep keywords keywords
            cut = self.random.randrange(len(name) + 1)
            return name[:cut] + quoted(name[cut:])
        return name

    def special(self, is_user):
        if self.pgbouncer:
            return self.pick(["all", "all", "@nested", "@lone"]
                             + ([] if is_user else ["sameuser"]))
        regex = "/" + self.pick(REGEXES)
        kinds = ["all"] * 3 + ["@" + self.pick([*NAME_FILES][:-1]), '"all"',
                               self.pick([quoted(regex), regex])]
        if is_user:
            group = self.pick(GROUPS)
            kinds += [f"+{group}", f"+{group}", f'"+{group}"', f'+"{group}"']
        else:
            kinds += ["sameuser", "samerole", "samegroup", "replication", "replication",
                      '"replication"', '"sameuser"', "+readers"]
        return self.pick(kinds)

    def names(self, is_user):
        count = self.pick([1, 1, 1, 1, 2, 3])
        words = [self.special(is_user) if self.chance(0.6) else
                 self.name(USERS if is_user else DATABASES) for _ in range(count)]
        return self.pick([",", ", "]).join(words)

    def address(self):
        if self.pgbouncer:
            return self.pick([n for n in NETWORKS if n[0] in "1:f" and "127.1/16" != n
                              and "+" not in n and "/08" not in n])
        return self.pick(NETWORKS) if self.chance(0.75) else self.pick(
            ["all", "all", "samehost", "samenet"])

    def method(self, kind):
        method = self.pick(METHODS)
        if self.chance(0.06) and kind == "local":
            method = "peer" if self.pgbouncer else self.pick(["peer", "ident", "ident map=x"])
        if self.chance(0.06) and kind == "hostssl" and not self.pgbouncer:
            method = self.pick(["cert", "cert map=x", "cert clientcert=verify-full"])
        return method

    def line(self):
        kinds = ["local", "local", "host", "host", "host", "hostssl", "hostnossl"]
        kind = self.pick(kinds if self.pgbouncer else [*kinds, "hostgssenc", "hostnogssenc"])
        words = [kind, self.names(False), self.names(True)]
        if kind != "local":
            words.append(self.address())
        words.append(self.method(kind))
        if not self.pgbouncer and self.chance(0.03):
            words[0] = quoted(words[0])
        gap = self.pick([" ", "\t", "   ", " \t "])
        if self.major >= 14 and not self.pgbouncer and self.chance(0.12):
            gap = self.pick([" \\\n", "\\\n  ", " \\\n\\\n "])
        return self.pick(["", "", " "]) + gap.join(words) + self.pick(["", "", "", " # why", "#x"])

    def lines(self, count):
        out = []
        for _ in range(count):
            if self.chance(0.15):
                out.append(self.pick(["", "# a comment", "  # local all all trust", "\t"]))
            out.append(self.line())
        return out

    def file(self, count):
        end = self.pick(["\n", "\n", "\n", "\r\n"])
        text = "\n".join(self.lines(count))
        return text.replace("\n", end) + (end if self.chance(0.8) else "")

    # ---- connections

    def connection(self, has_v6=True):
        """What `hba test` takes, in its words, None and False for what is left out."""
        local = self.chance(0.2)
        source = None if local else self.pick(V4 + (["::1"] * 2 if has_v6 else []))
        replication = None
        if not self.pgbouncer and self.chance(0.3):
            replication = self.pick(["physical", "logical"])
        return {"user": self.pick(USERS), "database": self.pick(DATABASES), "source": source,
                "tls": not local and self.chance(0.4), "replication": replication}

    # ---- damage

    def mutate(self, line):
        """The line with something done to it that may or may not break it."""
        words = line.split(" ")
        at = self.random.randrange(len(words))
        spot = self.random.randrange(len(line) + 1)
        damage = self.random.randrange(9)
        if damage == 0:
            del words[at]
        elif damage == 1:
            words.insert(at, self.pick(words))
        elif damage == 2:
            words[at] = self.pick(["all", "foo", "foo=bar", "127.0.0.1", "127.0.0.1/33", "::1/129",
                                   "300.1.1.1/8", "255.255.0.0", "a,b", "clientcert=verify-ca",
                                   "map=x", "peer", "cert", "@missing", "include", "hostsl", "MD5",
                                   "", "host.example.com", ".example.com", "host.example.com/8",
                                   "samenet", "@lone", "@empty", "clientname=DN", "@words",
                                   "@blank", "@group", "@two", "@comma",
                                   "fe80::1%lo/64", "::1%lo/128", "127.0.0.0/8,", "include_dir",
                                   "include_if_exists"])
        elif damage in (3, 4):
            return line[:spot] + self.pick(list('",#\\@/= \t\r+x1:.%-')) + line[spot:]
        elif damage == 5:
            return line[:spot] + line[spot + 1:]
        elif damage == 6:
            return line[:spot]
        elif damage == 7:
            words = words[:at] + ["\\\n" + words[at]] + words[at + 1:]
        else:
            words[at] = quoted(words[at])
        return " ".join(words)
