/* What a terminal would act on is shown instead. */
#include "base/json_writer.h"
#include "base/printable.h"

static void
assert_shown(const char *text, const char *expected)
{
    g_autofree char *shown = printable_new(text);

    g_assert_cmpstr(shown, ==, expected);
}

static void
control_characters_are_escaped_those_of_c1_too(void)
{
    assert_shown("a\033[2Jb\n\t\177", "a\\x1b[2Jb\\x0a\\x09\\x7f");
    assert_shown("\xc2\x9b"
                 "31m",
                 "\\x9b31m");
}

static void
marks_that_turn_the_direction_are_escaped(void)
{
    assert_shown("\u202ea\u202c", "\\u202ea\\u202c");
    assert_shown("\u2066\u2069\u200e\u200f\u061c\u2028",
                 "\\u2066\\u2069\\u200e\\u200f\\u061c\\u2028");
}

/* U+200D joins letters and emoji, and U+00A0 is a blank: neither moves what stands around it. */
static void
letters_of_any_script_stay(void)
{
    assert_shown("Zoë Ωμέγα שלום 名前 \u200d\u00a0", "Zoë Ωμέγα שלום 名前 \u200d\u00a0");
}

static void
bytes_that_are_not_utf8_are_escaped(void)
{
    assert_shown("a\xff\xc3(", "a\\xff\\xc3(");
    assert_shown("\xe2\x80", "\\xe2\\x80");
}

static void
json_escapes_the_same_characters(void)
{
    g_autoptr(GString) out = g_string_new(NULL);
    JsonWriter json;

    json_writer_init(&json, out);
    json_write_string(&json, NULL, "\u202eé\xc2\x9b\n\"\\");
    g_assert_cmpstr(out->str, ==, "\"\\u202eé\\u009b\\n\\\"\\\\\"");
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/printable/control", control_characters_are_escaped_those_of_c1_too);
    g_test_add_func("/printable/direction", marks_that_turn_the_direction_are_escaped);
    g_test_add_func("/printable/letters", letters_of_any_script_stay);
    g_test_add_func("/printable/bytes", bytes_that_are_not_utf8_are_escaped);
    g_test_add_func("/printable/json", json_escapes_the_same_characters);
    return g_test_run();
}
