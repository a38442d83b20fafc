/* What Patroni's REST API answers, whole and damaged. */
#include "provisioner/hba_deploy/patroni_json.h"

static bool
read_config(Arena *arena, const char *text, PatroniConfig *ret_config)
{
    g_autoptr(GString) answer = g_string_new(text);

    return patroni_json_config(arena, answer, ret_config);
}

static void
the_list_and_the_loop_are_read(void)
{
    g_autoptr(Arena) arena = arena_new();
    PatroniConfig config = { 0 };

    g_assert_true(read_config(arena,
                              "{\"loop_wait\": 3, \"postgresql\": {\"pg_hba\": [\"local all all "
                              "peer\", \"host all all all reject\"]}}",
                              &config));
    g_assert_true(config.has_rules);
    g_assert_cmpint(config.loop_wait, ==, 3);
    g_assert_cmpuint(config.lines.count, ==, 2);
    g_assert_cmpstr(config.lines.items[1], ==, "host all all all reject");
}

/* jansson makes these with its own json_null, which base/json_writer.h has a namesake of. */
static void
nulls_are_no_list(void)
{
    g_autoptr(Arena) arena = arena_new();
    PatroniConfig config = { 0 };

    g_assert_true(read_config(
        arena, "{\"a\": null, \"b\": [null, null], \"postgresql\": {\"pg_hba\": null}}", &config));
    g_assert_false(config.has_rules);
    g_assert_cmpint(config.loop_wait, ==, 10);
    g_assert_true(read_config(arena, "{}", &config));
    g_assert_false(config.has_rules);
}

/* A line that is not understood must not be left out: it may be a reject. */
static void
a_list_that_is_not_of_texts_is_refused(void)
{
    static const char *const texts[] = {
        "{\"postgresql\": {\"pg_hba\": [\"local all all peer\", 1]}}",
        "{\"postgresql\": {\"pg_hba\": [null]}}",
        "{\"postgresql\": {\"pg_hba\": \"local all all peer\"}}",
        "{\"postgresql\": {\"pg_hba\": {}}}",
        "[]",
        "",
        "<html>",
        "{\"postgresql\": ",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(Arena) arena = arena_new();
        PatroniConfig config = { .loop_wait = 7 };

        g_assert_false(read_config(arena, texts[i], &config));
        g_assert_cmpint(config.loop_wait, ==, 7);
    }
}

static void
a_role_is_a_text(void)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(GString) good = g_string_new("{\"state\": \"running\", \"role\": \"replica\"}");
    g_autoptr(GString) bad = g_string_new("{\"role\": null}");

    g_assert_cmpstr(patroni_json_role(arena, good), ==, "replica");
    g_assert_null(patroni_json_role(arena, bad));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/patroni_json/the list and the loop are read", the_list_and_the_loop_are_read);
    g_test_add_func("/patroni_json/nulls are no list", nulls_are_no_list);
    g_test_add_func("/patroni_json/a list that is not of texts is refused",
                    a_list_that_is_not_of_texts_is_refused);
    g_test_add_func("/patroni_json/a role is a text", a_role_is_a_text);
    return g_test_run();
}
