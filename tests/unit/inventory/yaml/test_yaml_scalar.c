/* The types of plain scalars, held to what PyYAML gives. */
#include <glib.h>
#include <string.h>

#include "inventory/yaml/yaml_scalar.h"

static Node
resolved(const char *text)
{
    Node node = { .kind = NODE_SCALAR, .text = text, .length = strlen(text) };

    yaml_scalar_resolve(&node);
    return node;
}

static void
words_are_booleans_and_null(void)
{
    static const char *const on[] = { "yes", "Yes", "YES", "true", "True", "TRUE", "on", "ON" };
    static const char *const off[] = { "no", "No", "NO", "false", "False", "FALSE", "off", "OFF" };
    static const char *const nothing[] = { "", "~", "null", "Null", "NULL" };
    static const char *const texts[] = { "y", "n", "t", "yEs", "tRue", "nUll", "enabled", "oN" };

    for (size_t i = 0; i < G_N_ELEMENTS(on); i++) {
        g_assert_cmpint(resolved(on[i]).type, ==, SCALAR_BOOL);
        g_assert_cmpint(resolved(on[i]).value.integer, ==, 1);
        g_assert_cmpint(resolved(off[i]).type, ==, SCALAR_BOOL);
        g_assert_cmpint(resolved(off[i]).value.integer, ==, 0);
        g_assert_cmpint(resolved(texts[i]).type, ==, SCALAR_TEXT);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(nothing); i++)
        g_assert_cmpint(resolved(nothing[i]).type, ==, SCALAR_NULL);
}

static void
integers_have_five_bases(void)
{
    static const struct {
        const char *text;
        int64_t value;
    } rows[] = {
        { "0", 0 },       { "-1", -1 },      { "+7", 7 },       { "0755", 493 },
        { "0x1F", 31 },   { "0b101", 5 },    { "1_000", 1000 }, { "12:30", 750 },
        { "-1:00", -60 }, { "1:0:0", 3600 }, { "00", 0 },       { "0_7", 7 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        Node node = resolved(rows[i].text);

        g_assert_cmpint(node.type, ==, SCALAR_INT);
        g_assert_cmpint(node.value.integer, ==, rows[i].value);
    }
    g_assert_cmpint(resolved("99999999999999999999").type, ==, SCALAR_INT);
    g_assert_true(resolved("99999999999999999999").flags & NODE_HUGE);
}

static void
floats_need_a_point_and_a_signed_exponent(void)
{
    static const struct {
        const char *text;
        double value;
    } rows[] = {
        { "1.10", 1.1 }, { "-0.5", -0.5 },   { ".5", 0.5 },
        { "1.", 1 },     { "1.5e+3", 1500 }, { "1:30.5", 90.5 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        Node node = resolved(rows[i].text);

        g_assert_cmpint(node.type, ==, SCALAR_FLOAT);
        g_assert_cmpfloat(node.value.number, ==, rows[i].value);
    }
    g_assert_cmpint(resolved(".inf").type, ==, SCALAR_FLOAT);
    g_assert_cmpint(resolved(".nan").type, ==, SCALAR_FLOAT);
}

static void
what_almost_looks_like_a_number_is_a_text(void)
{
    static const char *const texts[] = { "1e3",      "08",    "0x",    "0b",    "1.5e3",
                                         "10.1.1.1", "-",     "+",     "-.5",   "1_000_x",
                                         "12:60",    "12:3:", "0:30",  "1.2.3", "64MB",
                                         "--1",      "_1",    "+.nan", ":1",    "1:2:3:60",
                                         "0o755",    "." };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_assert_cmpint(resolved(texts[i]).type, ==, SCALAR_TEXT);
}

static void
dates_are_timestamps(void)
{
    static const char *const dates[] = { "2035-06-02", "2035-06-02 10:00:00", "2035-6-2T1:02:03.5Z",
                                         "2035-06-02 10:00:00 +02:00" };
    static const char *const texts[] = { "2035-6-2", "2035-06", "2035-06-02 10:00", "2035-06-02x",
                                         "20350-06-02" };

    for (size_t i = 0; i < G_N_ELEMENTS(dates); i++)
        g_assert_cmpint(resolved(dates[i]).type, ==, SCALAR_TIMESTAMP);
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_assert_cmpint(resolved(texts[i]).type, ==, SCALAR_TEXT);
}

static void
values_print_as_python_prints_them(void)
{
    static const struct {
        const char *text;
        const char *printed;
    } rows[] = {
        { "yes", "True" },
        { "off", "False" },
        { "~", "None" },
        { "0755", "493" },
        { "1.10", "1.1" },
        { "1.0", "1.0" },
        { "100.", "100.0" },
        { "0.00001", "1e-05" },
        { "0.0001", "0.0001" },
        { "1.5e+20", "1.5e+20" },
        { "1.5e+3", "1500.0" },
        { "-0.25", "-0.25" },
        { "12:30", "750" },
        { "1e3", "1e3" },
        { "2035-06-02", "2035-06-02" },
        { ".inf", "inf" },
        { "123456789.125", "123456789.125" },
    };

    g_autoptr(Arena) arena = arena_new();

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        Node node = resolved(rows[i].text);

        g_assert_cmpstr(node_print(arena, &node), ==, rows[i].printed);
    }
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/yaml-scalar/words-are-booleans-and-null", words_are_booleans_and_null);
    g_test_add_func("/yaml-scalar/integers-have-five-bases", integers_have_five_bases);
    g_test_add_func("/yaml-scalar/floats-need-a-point-and-a-signed-exponent",
                    floats_need_a_point_and_a_signed_exponent);
    g_test_add_func("/yaml-scalar/what-almost-looks-like-a-number-is-a-text",
                    what_almost_looks_like_a_number_is_a_text);
    g_test_add_func("/yaml-scalar/dates-are-timestamps", dates_are_timestamps);
    g_test_add_func("/yaml-scalar/values-print-as-python-prints-them",
                    values_print_as_python_prints_them);
    return g_test_run();
}
