/* What people see of a statement with a secret, and what the server gets. */
#include <string.h>

#include "provisioner/plan/sql_statement.h"
#include "roles/password/password.h"

static SqlHalves
halves(Arena *arena)
{
    return sql_render_around(arena, "statement/set_password.sql",
                             (SqlValue[]){ { "role", "alice" }, { 0 } }, "verifier");
}

static void
a_statement_without_secrets_is_one_text(void)
{
    g_autoptr(Arena) arena = arena_new();
    const SqlStatement *statement = sql_statement_new(arena, "COMMENT ON ROLE x IS '<secret>'");

    g_assert_false(sql_statement_has_secret(statement));
    g_assert_cmpstr(sql_statement_shown(arena, statement), ==, "COMMENT ON ROLE x IS '<secret>'");
    g_assert_cmpstr(sql_statement_to_run(arena, statement), ==, "COMMENT ON ROLE x IS '<secret>'");
}

static void
a_secret_is_hidden_from_people_only(void)
{
    g_autoptr(Arena) arena = arena_new();
    const SqlPart secret = { .kind = SQL_PART_SECRET, .text = "'md5x'" };
    const SqlStatement *statement = sql_statement_around(arena, halves(arena), secret);

    g_assert_true(sql_statement_has_secret(statement));
    g_assert_cmpstr(sql_statement_shown(arena, statement), ==,
                    "ALTER ROLE \"alice\" PASSWORD <secret>");
    g_assert_cmpstr(sql_statement_to_run(arena, statement), ==,
                    "ALTER ROLE \"alice\" PASSWORD 'md5x'");
}

static void
a_password_that_is_removed_is_no_secret(void)
{
    g_autoptr(Arena) arena = arena_new();
    const SqlPart null = { .kind = SQL_PART_TEXT, .text = "NULL" };
    const SqlStatement *statement = sql_statement_around(arena, halves(arena), null);

    g_assert_false(sql_statement_has_secret(statement));
    g_assert_cmpstr(sql_statement_shown(arena, statement), ==,
                    "ALTER ROLE \"alice\" PASSWORD NULL");
}

static void
a_deferred_verifier_is_there_when_the_statement_runs(void)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(PasswordChecks) checks = password_checks_new(arena);
    const PasswordCheck check = { .role_name = "alice", .plaintext = "secret", .iterations = 4096 };
    const PasswordResult *result = NULL;
    const SqlStatement *statement = NULL;
    const char *sql = NULL;

    password_checks_add(checks, &check);
    password_checks_start(checks, 1);
    password_checks_finish(checks);
    result = g_hash_table_lookup(password_checks_results(checks), "alice");
    statement = sql_statement_around(
        arena, halves(arena), (SqlPart){ .kind = SQL_PART_DEFERRED, .deferred = result->deferred });
    g_assert_cmpstr(sql_statement_shown(arena, statement), ==,
                    "ALTER ROLE \"alice\" PASSWORD <secret>");
    sql = sql_statement_to_run(arena, statement);
    g_assert_true(g_str_has_prefix(sql, "ALTER ROLE \"alice\" PASSWORD 'SCRAM-SHA-256$4096:"));
    g_assert_true(g_str_has_suffix(sql, "'"));
    g_assert_cmpstr(sql_statement_to_run(arena, statement), ==, sql);
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
#define TEST(function) g_test_add_func("/sql_statement/" #function, function)
    TEST(a_statement_without_secrets_is_one_text);
    TEST(a_secret_is_hidden_from_people_only);
    TEST(a_password_that_is_removed_is_no_secret);
    TEST(a_deferred_verifier_is_there_when_the_statement_runs);
    return g_test_run();
}
