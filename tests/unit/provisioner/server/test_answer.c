/* Answers that a query's head does not allow are refused with a sentence. */
#include <string.h>

#include "provisioner/server/answer.h"

typedef struct Cell {
    const char *column;
    const char *value; /* NULL: SQL NULL */
} Cell;

/* One row. */
static PGresult *
answer_of(const Cell *cells, int count)
{
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    g_autofree PGresAttDesc *columns = g_new0(PGresAttDesc, (size_t)count);

    for (int i = 0; i < count; i++)
        columns[i].name = (char *)(gpointer)cells[i].column;
    g_assert_cmpint(PQsetResultAttrs(result, count, columns), ==, 1);
    for (int i = 0; i < count; i++)
        PQsetvalue(result, 0, i, (char *)(gpointer)cells[i].value,
                   cells[i].value == NULL ? -1 : (int)strlen(cells[i].value));
    return result;
}

/* The complaint about one column with that value; NULL where there is none. */
static char *
complaint(const char *head, const char *column, const char *value)
{
    const Cell cells[] = { { column, value } };
    g_autoptr(PGresult) result = answer_of(cells, 1);
    g_autoptr(GError) error = NULL;

    if (answer_check(result, head, "pg-test", &error))
        return NULL;
    g_assert_true(g_str_has_prefix(error->message,
                                   "pg-test: the server does not answer as PostgreSQL does: "));
    return g_strdup(strrchr(error->message, ':') + 2);
}

static void
assert_complaint(const char *head, const char *value, const char *expected)
{
    g_autofree char *text = complaint(head, "a", value);

    g_assert_cmpstr(text, ==, expected);
}

static void
what_the_head_says_is_accepted(void)
{
    assert_complaint("rows: a", "", NULL);
    assert_complaint("rows: a?", NULL, NULL);
    assert_complaint("row: a bool", "t", NULL);
    assert_complaint("row: a integer?", NULL, NULL);
    assert_complaint("rows: a integer", "-17", NULL);
    assert_complaint("rows: a number", "-Infinity", NULL);
    assert_complaint("rows: a hex", "00ff", NULL);
    assert_complaint("rows: a hex", "", NULL);
    assert_complaint("rows: a kind", "table", NULL);
    assert_complaint("rows: a keywords", "SELECT, UPDATE", NULL);
    assert_complaint("rows: a signature", "\"a \"\" b\"(integer, \"x\n\\\"[])", NULL);
}

static void
other_values_are_refused(void)
{
    assert_complaint("rows: a", NULL, "the column \"a\" is NULL");
    assert_complaint("rows: a bool", "true", "the column \"a\" is not a boolean");
    assert_complaint("rows: a bool?", "", "the column \"a\" is not a boolean");
    assert_complaint("rows: a integer", "", "the column \"a\" is not an integer");
    assert_complaint("rows: a integer", "1x", "the column \"a\" is not an integer");
    assert_complaint("rows: a integer", " 1", "the column \"a\" is not an integer");
    assert_complaint("rows: a integer", "99999999999999999999",
                     "the column \"a\" is not an integer");
    assert_complaint("rows: a number", "", "the column \"a\" is not a number");
    assert_complaint("rows: a hex", "0", "the column \"a\" is not hexadecimal digits");
    assert_complaint("rows: a hex", "0g", "the column \"a\" is not hexadecimal digits");
    assert_complaint("rows: a kind", "tables", "the column \"a\" is not a kind of object");
    assert_complaint("rows: a kind", "tree", "the column \"a\" is not a kind of object");
    assert_complaint("rows: a keywords", "TABLE\n\\! x", "the column \"a\" is not keywords of SQL");
    assert_complaint("rows: a keywords", "", "the column \"a\" is not keywords of SQL");
    assert_complaint("rows: a signature", "f();\n\\! x",
                     "the column \"a\" is not the signature of a function");
    assert_complaint("rows: a signature", "\"f",
                     "the column \"a\" is not the signature of a function");
}

static void
a_column_that_is_missing_is_refused(void)
{
    assert_complaint("rows: a, b", "x", "the column \"b\" is missing");
    assert_complaint("A sentence.\nrows: a,\nrows: c bool", "x", "the column \"c\" is missing");
}

static void
bytes_that_are_not_utf8_become_replacement_characters(void)
{
    const Cell cells[] = { { "a", "caf\xe9" }, { "b", "caf\xc3\xa9" }, { "c", "\xc3" } };
    g_autoptr(PGresult) result = answer_of(cells, 3);
    g_autoptr(GError) error = NULL;

    g_assert_true(answer_check(result, "row: a, b?, c", "pg-test", &error));
    g_assert_cmpstr(PQgetvalue(result, 0, 0), ==, "caf\xef\xbf\xbd");
    g_assert_cmpstr(PQgetvalue(result, 0, 1), ==, "caf\xc3\xa9");
    g_assert_cmpstr(PQgetvalue(result, 0, 2), ==, "\xef\xbf\xbd");
    g_assert_false(answer_is_exact(PQgetvalue(result, 0, 0)));
    g_assert_true(answer_is_exact(PQgetvalue(result, 0, 1)));
    g_assert_true(answer_is_exact(NULL));
}

static void
one_row_is_one_row(void)
{
    g_autoptr(PGresult) none = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    g_autoptr(GError) error = NULL;

    g_assert_false(answer_check(none, "row: a", "pg-test", &error));
    g_assert_cmpstr(
        error->message, ==,
        "pg-test: the server does not answer as PostgreSQL does: 0 rows instead of one");
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
#define TEST(function) g_test_add_func("/answer/" #function, function)
    TEST(what_the_head_says_is_accepted);
    TEST(other_values_are_refused);
    TEST(a_column_that_is_missing_is_refused);
    TEST(bytes_that_are_not_utf8_become_replacement_characters);
    TEST(one_row_is_one_row);
    return g_test_run();
}
