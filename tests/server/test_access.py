"""What the policies promise holds for people: tables that one makes are the others' to use."""
import psycopg2
import pytest

import access
import servers


def allowed(server, user, sql, dbname):
    try:
        server.rows(sql, user=user, dbname=dbname)
        return True
    except psycopg2.errors.InsufficientPrivilege:
        return False
    except psycopg2.OperationalError as error:
        assert "permission denied for database" in str(error), error
        return False


def test_new_tables_are_readable_and_writable_by_role(server, write):
    path = write(access.RICH)
    servers.run("-i", path, "apply", "--yes", server=server)
    makers = {"app": "owner_a", "other": "owner_b", "plain": "dbrole_admin"}
    for database, maker in makers.items():
        user = "owner_b" if database == "plain" else maker
        server.rows(f"SET ROLE {maker}; CREATE TABLE public.made (x int)", user=user,
                    dbname=database)
    for database, who, sql, expected in [
            ("other", "reader", "SELECT * FROM public.made", True),
            ("other", "reader", "INSERT INTO public.made VALUES (1)", False),
            ("other", "writer", "INSERT INTO public.made VALUES (1)", True),
            ("other", "writer", "TRUNCATE public.made", False),
            ("other", "owner_a", "TRUNCATE public.made", True),
            ("other", "group_x", "SELECT * FROM public.made", False),
            ("plain", "reader", "SELECT * FROM public.made", True),
            ("plain", "writer", "DELETE FROM public.made", True),
            ("app", "reader", "SELECT 1", False),  # CONNECT is the owner's and the system users'
            ("app", "owner_a", "SELECT * FROM public.made", True),
            ("other", "writer", "CREATE TABLE public.mine ()", False),
            ("other", "owner_a", "CREATE TABLE public.mine ()", True),
            ("other", "writer", "CREATE SCHEMA mine", False),
            ("other", "owner_a", "CREATE SCHEMA mine", True)]:
        if who == "group_x":
            sql, who = f"SET ROLE group_x; {sql}", "postgres"
        assert allowed(server, who, sql, database) is expected, (database, who, sql)


@pytest.mark.parametrize("example, cluster, database", [("classic.yml", "pg-test", "test"),
                                                        ("modern.yml", "pg-shop", "orders")])
def test_declared_passwords_log_in(example, cluster, database, major, new_server):
    server = new_server(major, listen=True)
    servers.run("-i", access.EXAMPLES / example, "-N", cluster, "apply", "--yes", server=server,
                cluster=cluster)
    server.write_hba("local all postgres trust\nhost all all 127.0.0.1/32 md5\n")  # or SCRAM
    server.restart()
    people = {"test": {"analyst": "Analyst.Reads", "shop": "Shop.Writes",
                       "dbuser_admin": "Admin.Sandbox"},
              "orders": {"dbuser_orders": "Orders.Owner", "dbuser_dba": "Admin.Example",
                         "dbuser_monitor": "Monitor.Example"}}
    for user, password in people[database].items():
        assert server.value("SELECT current_user", user=user, dbname=database, tcp=True,
                            password=password) == user
        with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
            server.connect(user, database, tcp=True, password=password + "x")
    if database == "orders":  # given as a ready verifier
        server.connect("dbuser_billing", "billing", tcp=True, password="Billing.Owner").close()
