/* Lines are broken between words, and a quoted name is one word. */
#include "provisioner/output/wrap.h"

typedef void WrapFunction(GString *out, WrapStyle style, const char *text);

static void
assert_wrapped(WrapFunction *wrap, const char *start, WrapStyle style, const char *text,
               const char *expected)
{
    g_autoptr(GString) out = g_string_new(start);

    wrap(out, style, text);
    g_assert_cmpstr(out->str, ==, expected);
}

static void
lines_end_before_the_width(void)
{
    const WrapStyle style = { .width = 10, .indent = 2 };

    assert_wrapped(wrap_text, "", style, "one two three four", "one two\n  three\n  four");
    assert_wrapped(wrap_text, "", style, "12345 7890", "12345 7890");
    assert_wrapped(wrap_text, "", style, "12345 78901", "12345\n  78901");
}

static void
the_first_line_begins_where_the_text_ends(void)
{
    assert_wrapped(wrap_text, "first\nlabel: ", (WrapStyle){ .width = 12, .indent = 2 }, "a b c d",
                   "first\nlabel: a b c\n  d");
}

static void
a_word_is_never_broken(void)
{
    assert_wrapped(wrap_text, "", (WrapStyle){ .width = 5, .indent = 1 }, "a/very/long/path b",
                   "a/very/long/path\n b");
}

static void
columns_are_counted_not_bytes(void)
{
    g_assert_cmpuint(wrap_columns("Zoë"), ==, 3);
    g_assert_cmpuint(wrap_columns("名前"), ==, 4);
    g_assert_cmpuint(wrap_columns("e\u0301"), ==, 1);
    assert_wrapped(wrap_text, "", (WrapStyle){ .width = 7, .indent = 0 }, "ΩΩΩ ΩΩΩ", "ΩΩΩ ΩΩΩ");
    assert_wrapped(wrap_text, "", (WrapStyle){ .width = 7, .indent = 0 }, "名前 名前",
                   "名前\n名前");
}

static void
sql_is_not_broken_inside_quotes(void)
{
    const WrapStyle style = { .width = 12, .indent = 2 };

    assert_wrapped(wrap_sql, "", style, "GRANT \"a b c d\" TO \"e\"\"f g\";",
                   "GRANT\n  \"a b c d\"\n  TO\n  \"e\"\"f g\";");
    assert_wrapped(wrap_sql, "", style, "IS 'it''s a \"b c' OK", "IS\n  'it''s a \"b c'\n  OK");
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/wrap/width", lines_end_before_the_width);
    g_test_add_func("/wrap/start", the_first_line_begins_where_the_text_ends);
    g_test_add_func("/wrap/word", a_word_is_never_broken);
    g_test_add_func("/wrap/columns", columns_are_counted_not_bytes);
    g_test_add_func("/wrap/sql", sql_is_not_broken_inside_quotes);
    return g_test_run();
}
