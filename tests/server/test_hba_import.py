"""`hba import` and back: what is rendered from an imported file are the file's own rules."""
import re

import hba_random
import pytest
import servers
import yaml

FILES = 60 if servers.TEST_ALL else 8
CORPUS = servers.corpus("pigsty/*/hba/*.conf")


def name_of(path):
    return f"{path.parts[-3]}-{path.name}" if path else "none"


def imported(path, *more):
    return servers.run("hba", "import", "--file", path, *more).stdout


def render_again(tmp_path, text, what, version=18):
    """The file that an inventory with these lists gives."""
    head = ["all:", "  vars: {admin_ip: 10.0.0.1}", "  children:", "    pg-test:", "      hosts:",
            "        10.0.0.1: {pg_seq: 1, pg_role: primary}", "      vars:",
            "        pg_cluster: pg-test", f"        pg_version: {version}"]
    path = tmp_path / "again.yml"
    path.write_text("\n".join(head + ["        " + line for line in text.splitlines()]) + "\n")
    return servers.run("-i", path, "render", what).stdout


def active_words(text):
    lines = [line.split("#")[0].split() for line in text.splitlines()]
    return [words for words in lines if words]


def assert_comes_back(path, tmp_path):
    bouncer = path.name.endswith(".pgb_hba.conf")
    text = imported(path, *(["--dialect", "pgbouncer"] if bouncer else []))
    again = render_again(tmp_path, text, "pgbouncer" if bouncer else "hba")
    assert active_words(again) == active_words(path.read_text())
    assert "title" in text
    return text


@pytest.mark.parametrize("path", CORPUS, ids=name_of)
def test_files_that_pigsty_wrote_come_back(path, tmp_path):
    assert "addr: localhost" in assert_comes_back(path, tmp_path)


@pytest.mark.parametrize("name", ["classic", "modern"])
def test_files_of_the_examples_come_back(name, tmp_path):
    folder = tmp_path / "rendered"
    servers.run("-i", servers.ROOT / f"docs/examples/{name}.yml", "render", "all", "-d", folder)
    files = sorted(folder.glob("*.conf"))
    assert len(files) >= 4
    for path in files:
        assert_comes_back(path, tmp_path)


def read_by_server(server, text):
    (server.data / "pg_hba.conf").write_text(text)
    return server.rows("SELECT type, database, user_name, address, netmask, auth_method, options"
                       " FROM pg_hba_file_rules ORDER BY "
                       + ("rule_number" if server.major >= 16 else "line_number"))


def test_random_files_come_back_as_the_server_reads_them(server, tmp_path):
    maker = hba_random.Maker("import", server.major)
    for name, text in hba_random.NAME_FILES.items():
        (server.data / name).write_bytes(text.encode())
    for _ in range(FILES):
        lines = ["# one \\", *maker.lines(30), "", '# {{ two }}: [x] "\'', "local all /^{{1}$ md5"]
        if server.major < 16:
            lines[-1] = "local all {{x}} md5"
        else:
            (server.data / "part").write_text("\n".join(maker.lines(4)) + "\n")
            lines.insert(5, "\ninclude part\n")
            lines[-1] = "local all {{x}},/^{%$ md5"
        before = read_by_server(server, "\n".join(lines) + "\n")
        text = imported(server.data / "pg_hba.conf", "--pg-version", server.major)
        again = render_again(tmp_path, text, "hba", server.major)
        assert read_by_server(server, again) == before, (lines, text)


def test_comments_become_titles_and_blocks_become_groups(tmp_path):
    path = tmp_path / "pg_hba.conf"
    path.write_text("""\
# Managed by hand
#================

# the local ones [common]
local all postgres ident
local all all peer # everyone

host all all 127.0.0.1/32 trust
# from the web
# in two lines
hostssl web,"a b" +ops 0.0.0.0/0 scram-sha-256
hostssl web,"a b" +ops ::/0 scram-sha-256
local yes no \\
  md5
""")
    assert yaml.safe_load(imported(path)) == {"pg_default_hba_rules": [], "pg_hba_rules": [
        {"title": "the local ones",
         "rules": ["local all postgres ident", "local all all peer # everyone"]},
        {"user": "all", "db": "all", "addr": "127.0.0.1/32", "auth": "trust"},
        {"title": "from the web in two lines",
         "rules": ['hostssl web,"a b" +ops 0.0.0.0/0 scram-sha-256',
                   'hostssl web,"a b" +ops ::/0 scram-sha-256', "local yes no   md5"]}]}


def test_a_file_without_rules_is_an_empty_list(tmp_path):
    path = tmp_path / "pg_hba.conf"
    path.write_text("# nothing\n")
    assert yaml.safe_load(imported(path)) == {"pg_default_hba_rules": [], "pg_hba_rules": []}


def test_what_cannot_be_imported_is_told(tmp_path):
    path = tmp_path / "pg_hba.conf"
    path.write_bytes(b"local all \"\xff\" md5\nlocal all all trust\n")
    done = servers.run("hba", "import", "--file", path, expect=3)
    assert re.search(r":1:1: error: .*\[hba-import-unsupported\]", done.stderr) and not done.stdout
    path.write_text("local all all truts\nlocal all\n")
    done = servers.run("hba", "import", "--file", path, expect=3)
    assert done.stderr.count("error:") == 2 and not done.stdout
    servers.run("hba", "import", "--file", tmp_path / "missing", expect=1)
    servers.run("hba", "import", expect=64)


def test_the_guide_shows_what_happens(tmp_path):
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", (servers.ROOT / "docs/how-to/hba.md").read_text(),
                        re.M | re.S)
    (tmp_path / "old.conf").write_text(blocks[0][1])
    shown = "".join(text for kind, text in blocks if kind == "console")
    commands = re.findall(r"^\$ pgcharter (hba (?:test|import) .*)\n((?:(?!\$ ).*\n)*)", shown, re.M)
    assert len(commands) == 3
    for words, expected in commands:
        output = servers.run(*words.split(), cwd=tmp_path).stdout
        assert expected.startswith(output), words
