/* Names and texts of servers in statements: neither a terminal nor psql acts on them. */
#include "provisioner/server/sql_text.h"

static void
assert_identifier(const char *name, const char *expected)
{
    g_autoptr(Arena) arena = arena_new();

    g_assert_cmpstr(sql_identifier(arena, name), ==, expected);
}

static void
assert_literal(const char *text, const char *expected)
{
    g_autoptr(Arena) arena = arena_new();

    g_assert_cmpstr(sql_literal(arena, text), ==, expected);
}

static void
plain_names_are_quoted_and_nothing_else(void)
{
    assert_identifier("a\"b\\c", "\"a\"\"b\\c\"");
    assert_identifier("müller", "\"müller\"");
    assert_identifier("\xff", "\"\xff\"");
    assert_literal("it's", "'it''s'");
    assert_literal("two\nlines\t", "'two\nlines\t'");
}

static void
what_a_terminal_acts_on_is_escaped(void)
{
    assert_identifier("a\n\\! touch x", "U&\"a\\000a\\\\! touch x\"");
    assert_identifier("\x1b]0;\"", "U&\"\\001b]0;\"\"\"");
    assert_identifier("\xe2\x80\xaegpj", "U&\"\\202egpj\"");
    assert_literal("\x1b'", "E'\\u001b'''");
    assert_literal("\xe2\x80\xaex", "E'\\u202ex'");
}

/* psql asks the server whether a backslash escapes, and a server may lie. */
static void
a_backslash_means_itself_whatever_the_server_says(void)
{
    assert_literal("\\'\n\\! x", "E'\\\\''\\u000a\\\\! x'");
}

static void
a_template_quotes_in_the_same_way(void)
{
    g_autoptr(Arena) arena = arena_new();

    g_assert_cmpstr(
        sql_render(arena, "statement/drop_role.sql", (SqlValue[]){ { "role", "a\nb" }, { 0 } }), ==,
        "DROP ROLE U&\"a\\000ab\"");
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
#define TEST(function) g_test_add_func("/sql_text/" #function, function)
    TEST(plain_names_are_quoted_and_nothing_else);
    TEST(what_a_terminal_acts_on_is_escaped);
    TEST(a_backslash_means_itself_whatever_the_server_says);
    TEST(a_template_quotes_in_the_same_way);
    return g_test_run();
}
