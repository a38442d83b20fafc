"""A server that grew for years before pgcharter came: people, powers and grants made by hand."""

DATABASES = ("shop", "hr", "warehouse")
PEOPLE = [f"person_{number:02}" for number in range(1, 22)]
APPLICATIONS = ["shop_app", "hr_app", "etl", "legacy_php", "metabase", "grafana"]
TOOLS = ["repl_standby", "backup", "dave"]
LOGIN_ROLES = PEOPLE + APPLICATIONS + TOOLS  # 30

HBA = """\
# pg_hba.conf of db1, kept by ops@example.com
# 2019-03-02 legacy_php needs MD5 until the shop is rewritten (OPS-1841)
local   all             postgres                                peer
local   all             all                                     scram-sha-256

# --- applications -------------------------------------------------------
host    shop            shop_app        10.1.0.0/24             scram-sha-256
host    shop            legacy_php      10.1.7.12/32            md5
host    hr              hr_app          10.2.0.0/24             scram-sha-256
host    warehouse       etl             10.3.0.0/24             scram-sha-256
host    all             metabase        10.4.0.5/32             scram-sha-256
host    all             grafana         127.0.0.1/32            trust

# --- people, over the VPN ------------------------------------------------
hostssl all             +staff          10.200.0.0/16           scram-sha-256
host    all             all             10.66.6.0/24            reject
host    all             ghost_user      10.9.9.9/32             scram-sha-256

# --- replication ---------------------------------------------------------
host    replication     repl_standby    10.1.0.11/32            scram-sha-256
host    replication     repl_standby    10.1.0.12/32            scram-sha-256
local   replication     backup                                  scram-sha-256
host    all             backup          127.0.0.1/32            scram-sha-256
host    all             all             127.0.0.1/32            scram-sha-256
host    all             all             ::1/128                 scram-sha-256
"""

_ROLES = """
DO $$
DECLARE name text; number int := 0;
BEGIN
  FOREACH name IN ARRAY %(names)s LOOP
    number := number + 1;
    EXECUTE format('CREATE ROLE %%I LOGIN PASSWORD %%L', name, name || '-own-password');
    EXECUTE format('COMMENT ON ROLE %%I IS %%L', name, 'ticket OPS-' || 1000 + number);
  END LOOP;
END $$
"""

_POWERS = (
    "CREATE ROLE staff", "CREATE ROLE readers",
    "COMMENT ON ROLE staff IS 'who may use the VPN'",
    f"GRANT staff TO {', '.join(PEOPLE)}",
    f"GRANT readers TO {', '.join(PEOPLE[:8])}",
    "ALTER ROLE dave SUPERUSER", "ALTER ROLE person_01 CREATEROLE CREATEDB",
    "ALTER ROLE person_02 BYPASSRLS", "ALTER ROLE repl_standby REPLICATION",
    "ALTER ROLE backup REPLICATION", "GRANT pg_read_all_settings TO backup",
    "GRANT pg_monitor TO grafana", "GRANT readers TO metabase WITH ADMIN OPTION",
    "ALTER ROLE etl SET work_mem = '256MB'", "ALTER ROLE person_03 CONNECTION LIMIT 3",
    "ALTER ROLE person_04 VALID UNTIL '2099-01-01'", "ALTER ROLE person_05 NOLOGIN",
    "ALTER ROLE person_05 LOGIN",
)

_TABLES = """
DO $$
DECLARE area text; number int;
BEGIN
  FOREACH area IN ARRAY ARRAY['sales', 'ledger', 'staging'] LOOP
    EXECUTE format('CREATE SCHEMA %I AUTHORIZATION %I', area, current_setting('living.owner'));
    EXECUTE format('SET ROLE %I', current_setting('living.owner'));
    FOR number IN 1..22 LOOP
      EXECUTE format('CREATE TABLE %I.%I (id int, note text)', area, 't' || lpad(number::text, 2, '0'));
    END LOOP;
    RESET ROLE;
  END LOOP;
END $$
"""

_GRANTS = (
    "CREATE TABLE public.dump_2021 (id int)", "GRANT ALL ON public.dump_2021 TO PUBLIC",
    "GRANT USAGE ON SCHEMA sales, ledger TO readers",
    "GRANT SELECT ON ALL TABLES IN SCHEMA sales TO readers",
    "GRANT INSERT, UPDATE ON sales.t01, sales.t02 TO person_06",
    "GRANT SELECT (id) ON ledger.t03 TO person_07",
    "GRANT SELECT ON ledger.t04 TO person_08 WITH GRANT OPTION",
    "SET ROLE person_08; GRANT SELECT ON ledger.t04 TO person_09",
    "GRANT USAGE ON SCHEMA staging TO etl; GRANT ALL ON ALL TABLES IN SCHEMA staging TO etl",
    "CREATE FUNCTION public.refresh() RETURNS int LANGUAGE sql AS 'SELECT 1'",
)

_OWNERS = {"shop": "shop_app", "hr": "hr_app", "warehouse": "etl"}
_DEFAULTS = (
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT SELECT ON TABLES TO readers",
    "ALTER DEFAULT PRIVILEGES FOR ROLE dave IN SCHEMA sales GRANT SELECT ON TABLES TO person_10",
)


def make(server):
    """30 login roles with comments, passwords and powers, 3 databases, 201 tables, grants and
    default privileges. CREATE on schema public is PUBLIC's in shop, as before 15 or by hand."""
    server.rows(_ROLES, {"names": LOGIN_ROLES})
    for statement in _POWERS:
        server.rows(statement)
    for database, owner in _OWNERS.items():
        server.rows(f"CREATE DATABASE {database} OWNER {owner}")
        server.rows(f"COMMENT ON DATABASE {database} IS 'see wiki/{database}'")
        server.rows(f"SET living.owner = '{owner}'; {_TABLES}", dbname=database)
        for statement in _GRANTS + tuple(s.format(owner=owner) for s in _DEFAULTS):
            server.rows(statement, dbname=database)
    server.rows("GRANT CREATE ON SCHEMA public TO PUBLIC", dbname="shop")
    return server


def secrets_of(server):
    """Each role's verifier and comment: what nobody may overwrite unasked."""
    return dict(
        (name, (verifier, comment)) for name, verifier, comment in server.rows(
            "SELECT rolname, rolpassword, shobj_description(oid, 'pg_authid')"
            " FROM pg_authid WHERE oid >= 16384"))
