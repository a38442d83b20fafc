"""What the real ansible-vault encrypts is planned, rendered, tested and applied."""
import fcntl
import os
import subprocess
import sys

import pytest

import servers

ANSIBLE_CORE = "ansible-core==2.19.14"
PASSWORDS = {"dev": "Dev.Vault", "prod": "Prod.Vault"}
SECRETS = ["Alice.Secret", "Bob.Secret", "Ldap.Secret", *PASSWORDS.values()]
USERS = [{"name": "alice", "password": "{{ vault_alice }}"}, {"name": "bob", "password": "{{ vault_bob }}"}]


def install(folder):
    """A virtual environment in the tests' cache, made once; skips only where PyPI is out of reach."""
    program = folder / "bin" / "ansible-vault"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.parent / "ansible.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if program.exists():
            return program
        subprocess.run([sys.executable, "-m", "venv", folder], check=True, capture_output=True)
        done = subprocess.run([folder / "bin" / "pip", "install", "-q", ANSIBLE_CORE],
                              capture_output=True, text=True)
        if done.returncode != 0:
            assert "connection" in done.stderr.lower() or "resolution" in done.stderr.lower(), done.stderr
            pytest.skip("PyPI cannot be reached, so there is no ansible-vault to compare with")
        return program


@pytest.fixture(scope="module")
def ansible_vault():
    program = install(servers.MATRIX.parents[1] / "ansible")

    def run(*arguments, text=None):
        return subprocess.run([program, *map(str, arguments)], input=text, check=True, text=True,
                              capture_output=True, env={**os.environ, "ANSIBLE_NOCOLOR": "1"}).stdout
    return run


@pytest.fixture
def repository(tmp_path, write, ansible_vault):
    """Passwords in a file that is encrypted as a whole and in single values, under two vault ids."""
    for label, password in PASSWORDS.items():
        (tmp_path / label).write_text(password + "\n")
        (tmp_path / label).chmod(0o600)
    rule = {"title": "staff over LDAP", "rules": [
        "host all all 10.9.0.0/16 ldap ldapserver=l ldapbasedn=x ldapbindpasswd={{ vault_ldap }}"]}
    path = write({"pg_policy": "none", "pg_users": USERS, "pg_hba_rules": [
        {"title": "alice", "user": "alice", "db": "all", "addr": "10.1.0.0/16", "auth": "ssl"}, rule]})
    folder = tmp_path / "group_vars" / "all"
    folder.mkdir(parents=True)
    (folder / "vault.yml").write_text("vault_alice: Alice.Secret\n")
    ansible_vault("encrypt", "--vault-id", f"dev@{tmp_path / 'dev'}", folder / "vault.yml")
    values = [ansible_vault("encrypt_string", "--vault-id", f"prod@{tmp_path / 'prod'}", "--name", name, text)
              for name, text in (("vault_bob", "Bob.Secret"), ("vault_ldap", "Ldap.Secret"))]
    (folder / "values.yml").write_text("\n".join(values))
    return path


def run(repository, *arguments, **options):
    folder = repository.parent
    done = servers.run("-i", repository, "--vault-id", f"dev@{folder / 'dev'}", "--vault-id",
                       f"prod@{folder / 'prod'}", *arguments, **options)
    for secret in SECRETS:
        assert secret not in done.stdout + done.stderr
    return done


def test_encrypted_passwords_are_planned_shown_and_tested(repository):
    plan = run(repository, "plan", "--offline").stdout
    assert 'ALTER ROLE "alice" PASSWORD <secret>;' in plan and 'ALTER ROLE "bob" PASSWORD <secret>;' in plan
    assert "<secret>" in run(repository, "show").stdout
    answer = run(repository, "hba", "test", "--user", "alice", "--database", "x", "--addr", "10.1.2.3",
                 "--ssl")
    assert answer.stdout.startswith("scram-sha-256")
    answer = run(repository, "hba", "test", "--user", "bob", "--database", "x", "--addr", "10.9.2.3")
    assert "ldapbindpasswd=<secret>" in answer.stdout


def test_a_rendered_file_holds_what_its_rule_needs(repository, tmp_path):
    run(repository, "render", "hba", "-d", tmp_path / "out")
    file = tmp_path / "out" / "pg-test-1.pg_hba.conf"
    assert "ldapbindpasswd=Ldap.Secret" in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600


def test_each_value_that_cannot_be_opened_is_a_finding(repository):
    dev = f"dev@{repository.parent / 'dev'}"
    done = servers.run("-i", repository, "--vault-id", dev, "validate", expect=3)
    assert done.stdout.count("[vault-password-wrong]") == 1, "the rule needs one, bob's waits for a plan"
    done = servers.run("-i", repository, "validate", expect=3)
    assert "vault.yml:1:1: error: the file is encrypted with vault id \"dev\"" in done.stdout


def test_who_applies_it_can_log_in(repository, new_server):
    server = new_server(servers.MAJORS[-1])
    run(repository, "apply", "--yes", server=server)
    server.write_hba("local all postgres trust\nlocal all all scram-sha-256\n")
    server.reload()
    for user, password in (("alice", "Alice.Secret"), ("bob", "Bob.Secret")):
        assert server.value("SELECT current_user", user=user, password=password) == user
    assert "no changes" in run(repository, "plan", server=server).stdout
