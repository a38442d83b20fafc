/* Documents as text; what reads them back is tests/unit/roles/state/test_state_text.c. */
#include "base/yaml_writer.h"

static char *
list_of(const char *const *texts, YamlStyle style)
{
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(YamlWriter) yaml = yaml_writer_new(out);

    yaml_begin_list(yaml, NULL, style);
    for (; *texts != NULL; texts++)
        yaml_write_text(yaml, NULL, *texts);
    yaml_end_list(yaml);
    g_assert_true(yaml_writer_finish(yaml));
    return g_strdup(out->str);
}

static void
a_document_has_an_entry_a_line_or_all_on_one(void)
{
    g_autoptr(GString) out = g_string_new("# head\n");
    g_autoptr(YamlWriter) yaml = yaml_writer_new(out);

    yaml_begin_mapping(yaml, NULL, YAML_BLOCK);
    yaml_write_int(yaml, "format", 1);
    yaml_write_bool(yaml, "whole", true);
    yaml_write_text(yaml, "nothing", NULL);
    yaml_begin_list(yaml, "roles", YAML_BLOCK);
    yaml_begin_mapping(yaml, NULL, YAML_FLOW);
    yaml_write_text(yaml, "name", "app");
    yaml_write_bool(yaml, "login", false);
    yaml_end_mapping(yaml);
    yaml_end_list(yaml);
    yaml_begin_list(yaml, "none", YAML_BLOCK);
    yaml_end_list(yaml);
    yaml_end_mapping(yaml);
    g_assert_true(yaml_writer_finish(yaml));
    g_assert_cmpstr(out->str, ==,
                    "# head\n"
                    "format: 1\n"
                    "whole: true\n"
                    "nothing: null\n"
                    "roles:\n"
                    "- {name: app, login: false}\n"
                    "none: []\n");
}

static void
texts_that_look_like_something_else_are_quoted(void)
{
    const char *const texts[] = { "app", "no",  "NULL", "1.10", "2030-01-01", "0x1f", "~",
                                  "",    "-",   "<<",   "=",    "y",          "a: b", "a #b",
                                  "a ",  "{a}", "żubr", "it's", NULL };
    g_autofree char *text = list_of(texts, YAML_BLOCK);

    g_assert_cmpstr(text, ==,
                    "- app\n- 'no'\n- 'NULL'\n- '1.10'\n- '2030-01-01'\n- '0x1f'\n- '~'\n"
                    "- ''\n- '-'\n- '<<'\n- '='\n- 'y'\n- 'a: b'\n- 'a #b'\n"
                    "- 'a '\n- '{a}'\n- 'żubr'\n- it's\n");
}

static void
control_characters_are_escapes_and_long_texts_are_not_folded(void)
{
    g_autofree char *blanks = g_strnfill(500, 'x');
    const char *texts[] = { "two\nlines", "\x7f", NULL, NULL };
    g_autofree char *expected = NULL;
    g_autofree char *text = NULL;

    blanks[100] = blanks[200] = ' ';
    texts[2] = blanks;
    expected = g_strdup_printf("- \"two\\nlines\"\n- \"\\x7F\"\n- %s\n", blanks);
    text = list_of(texts, YAML_BLOCK);
    g_assert_cmpstr(text, ==, expected);
}

static void
a_text_that_is_not_utf8_fails_the_document(void)
{
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(YamlWriter) yaml = yaml_writer_new(out);

    yaml_begin_list(yaml, NULL, YAML_FLOW);
    yaml_write_text(yaml, NULL, "caf\xe9");
    yaml_write_text(yaml, NULL, "fine");
    yaml_end_list(yaml);
    g_assert_false(yaml_writer_finish(yaml));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/yaml_writer/a document has an entry a line, or all on one",
                    a_document_has_an_entry_a_line_or_all_on_one);
    g_test_add_func("/yaml_writer/texts that look like something else are quoted",
                    texts_that_look_like_something_else_are_quoted);
    g_test_add_func("/yaml_writer/control characters are escapes, long texts are not folded",
                    control_characters_are_escapes_and_long_texts_are_not_folded);
    g_test_add_func("/yaml_writer/a text that is not UTF-8 fails the document",
                    a_text_that_is_not_utf8_fails_the_document);
    return g_test_run();
}
