"""The exit code of `hba diff` says whether two files mean the same, for scripts."""
import pytest

import servers

OLD = "hostssl app alice 10.0.0.0/8 scram-sha-256\nhost all all 10.0.0.0/8 md5\n"


@pytest.mark.parametrize("new, code, says", [
    (OLD.replace(" ", "\t") + "# another spelling\n", 0, "no changes"),
    (OLD.replace("md5", "scram-sha-256"), 2, "~ method"),
    (OLD + "host all all 192.168.0.0/16 md5\n", 2, "+ allowed"),
])
def test_detailed_exitcode_tells_meaning_from_spelling(tmp_path, new, code, says):
    (tmp_path / "old").write_text(OLD)
    (tmp_path / "new").write_text(new)
    words = ["hba", "diff", "--file", tmp_path / "old", "--new", tmp_path / "new", "--pg-version", "18"]
    assert says in servers.run(*words, "--detailed-exitcode", expect=code).stdout
    servers.run(*words, expect=0)
