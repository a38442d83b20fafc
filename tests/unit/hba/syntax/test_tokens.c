/* Both tokenizers, and the law that a rendered name reads back as itself. */
#include <string.h>

#include "hba/syntax/tokens.h"

#define PG  HBA_PROGRAM_POSTGRESQL
#define PGB HBA_PROGRAM_PGBOUNCER

typedef struct Fixture {
    Arena *arena;
} Fixture;

static void
setup(Fixture *fixture, const void *data)
{
    (void)data;
    fixture->arena = arena_new();
}

static void
teardown(Fixture *fixture, const void *data)
{
    (void)data;
    arena_free(fixture->arena);
}

/* Fields parted by a bar, words by a comma; quoted words in brackets; ? for a problem. */
static const char *
split(Fixture *fixture, HbaProgram program, const char *text)
{
    HbaLine line = hba_tokenize(fixture->arena, program, text);
    g_autoptr(GString) out = g_string_new(NULL);

    LIST_FOREACH (const List, field, &line.fields) {
        if (out->len > 0)
            g_string_append_c(out, '|');
        for (size_t i = 0; i < field->count; i++) {
            const HbaToken *token = field->items[i];

            g_string_append_printf(out, token->quoted ? "%s[%s]" : "%s%s", i > 0 ? "," : "",
                                   token->text);
        }
    }
    if (line.problem != HBA_LINE_FINE)
        g_string_append_c(out, '?');
    return arena_strdup(fixture->arena, out->str);
}

static void
postgresql_splits_as_its_source_says(Fixture *fixture, const void *data)
{
    static const struct {
        const char *text;
        const char *expected;
    } cases[] = {
        { "", "" },
        { " \t # comment", "" },
        { "local all all trust", "local|all|all|trust" },
        { "a,b c", "a,b|c" },
        { "a, b c", "a,b|c" },
        { "a ,b c", "a|b|c" },
        { "a,,b", "a,b" },
        { ",a", "a" },
        { "a, # rest", "a" },
        { "\"a b\" \"c,d\" \"#e\"", "[a b]|[c,d]|[#e]" },
        { "\"a\"\"b\"", "[a\"b]" },
        { "\"\"\"\"", "[\"]" },
        { "\"\"", "[]" },
        { "\"\"x", "[x]" },
        { "a\"b c\"d", "ab cd" },
        { "+\"a b\"", "+a b" },
        { "@\"a b\"", "@a b" },
        { "a#b", "a" },
        { "\"a", "[a]?" },
        { "a\"b", "ab?" },
        { "a\rb", "a|b" },
        { "a\vb", "a\vb" },
    };

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpstr(split(fixture, PG, cases[i].text), ==, cases[i].expected);
}

static void
pgbouncer_splits_as_its_source_says(Fixture *fixture, const void *data)
{
    static const struct {
        const char *text;
        const char *expected;
    } cases[] = {
        { "local all all trust", "local|all|all|trust" },
        { "a,b c", "a,b|c" },
        { "a, b c", "a,b|c" },
        { "a ,b c", "a,b|c" },
        { "a,,b", "a,b?" },
        { ",a", "a?" },
        { "a,", "a?" },
        { "\"a b\" \"c\"\"d\"", "[a b]|[c\"d]" },
        { "\"\"", "[]" },
        { "a\"b\"", "a|[b]?" },
        { "\"a\"b", "[a]|b?" },
        { "a#b", "a" },
        { "\"a", "[a]?" },
        { "a\\", "a\\" },
    };

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpstr(split(fixture, PGB, cases[i].text), ==, cases[i].expected);
}

static void
words_mean_what_their_field_and_quotes_say(Fixture *fixture, const void *data)
{
    static const struct {
        HbaProgram program;
        int version;
        HbaFieldKind field;
        const char *text;
        bool quoted;
        HbaTokenKind expected;
    } cases[] = {
        { PG, 18, HBA_FIELD_USER, "all", false, HBA_TOKEN_KEYWORD },
        { PG, 18, HBA_FIELD_USER, "all", true, HBA_TOKEN_NAME },
        { PG, 18, HBA_FIELD_USER, "ALL", false, HBA_TOKEN_NAME },
        { PG, 18, HBA_FIELD_USER, "replication", false, HBA_TOKEN_NAME },
        { PG, 18, HBA_FIELD_DATABASE, "replication", false, HBA_TOKEN_KEYWORD },
        { PG, 18, HBA_FIELD_DATABASE, "samegroup", false, HBA_TOKEN_KEYWORD },
        { PG, 18, HBA_FIELD_DATABASE, "replication", true, HBA_TOKEN_NAME },
        { PG, 18, HBA_FIELD_USER, "+x", false, HBA_TOKEN_ROLE },
        { PG, 18, HBA_FIELD_USER, "+x", true, HBA_TOKEN_NAME },
        { PG, 18, HBA_FIELD_DATABASE, "+x", false, HBA_TOKEN_NAME },
        { PG, 18, HBA_FIELD_USER, "@x", false, HBA_TOKEN_FILE },
        { PG, 18, HBA_FIELD_USER, "@", false, HBA_TOKEN_NAME },
        { PG, 18, HBA_FIELD_USER, "@x", true, HBA_TOKEN_NAME },
        { PG, 16, HBA_FIELD_USER, "/x", false, HBA_TOKEN_REGEX },
        { PG, 16, HBA_FIELD_USER, "/x", true, HBA_TOKEN_REGEX },
        { PG, 15, HBA_FIELD_USER, "/x", false, HBA_TOKEN_NAME },
        { PG, 18, HBA_FIELD_OTHER, "all", false, HBA_TOKEN_NAME },
        { PGB, 118, HBA_FIELD_USER, "replication", false, HBA_TOKEN_KEYWORD },
        { PGB, 118, HBA_FIELD_USER, "/x", false, HBA_TOKEN_NAME },
        { PGB, 118, HBA_FIELD_DATABASE, "+x", false, HBA_TOKEN_ROLE },
    };

    (void)fixture;
    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const HbaToken token = { .text = cases[i].text, .quoted = cases[i].quoted };

        g_assert_cmpint(
            hba_token_classify(cases[i].program, cases[i].version, cases[i].field, &token), ==,
            cases[i].expected);
    }
}

static void
assert_reads_back(Fixture *fixture, HbaProgram program, int version, HbaFieldKind field,
                  const HbaToken *token)
{
    g_autoptr(GString) text = g_string_new("x,");
    HbaLine line;
    const List *words = NULL;
    HbaToken back;

    hba_token_render(token, text);
    g_string_append(text, ",y z");
    line = hba_tokenize(fixture->arena, program, text->str);
    g_assert_cmpint(line.problem, ==, HBA_LINE_FINE);
    g_assert_cmpuint(line.fields.count, ==, 2);
    words = line.fields.items[0];
    g_assert_cmpuint(words->count, ==, 3);
    back = *(HbaToken *)words->items[1];
    g_assert_cmpstr(back.text, ==, token->text);
    g_assert_cmpint(hba_token_classify(program, version, field, &back), ==, token->kind);
}

static void
any_name_reads_back_as_itself(Fixture *fixture, const void *data)
{
    static const char *const alphabet[] = { "a",  "Z", "0", "\"", ",", "#",   "+",          "/",
                                            "@",  " ", "'", "\\", "é", "all", "$",          "-",
                                            "\t", ".", "(", "^",  "=", "名",  "replication" };

    (void)data;
    for (int round = 0; round < 20000; round++) {
        g_autoptr(GString) name = g_string_new(NULL);
        int length = g_test_rand_int_range(1, 8);

        for (int i = 0; i < length; i++)
            g_string_append(name, alphabet[g_test_rand_int_range(0, (int)G_N_ELEMENTS(alphabet))]);
        for (int field = HBA_FIELD_DATABASE; field <= HBA_FIELD_USER; field++) {
            assert_reads_back(fixture, PG, 15, (HbaFieldKind)field,
                              hba_token_from_name(fixture->arena, PG, 15, name->str));
            assert_reads_back(fixture, PG, 18, (HbaFieldKind)field,
                              hba_token_from_name(fixture->arena, PG, 18, name->str));
            assert_reads_back(fixture, PGB, 118, (HbaFieldKind)field,
                              hba_token_from_name(fixture->arena, PGB, 118, name->str));
        }
    }
}

static void
roles_files_and_expressions_read_back_too(Fixture *fixture, const void *data)
{
    static const HbaToken tokens[] = {
        { "+a b", false, HBA_TOKEN_ROLE },    { "+all", false, HBA_TOKEN_ROLE },
        { "+a\"b", false, HBA_TOKEN_ROLE },   { "@a b", false, HBA_TOKEN_FILE },
        { "@/x/y.z", false, HBA_TOKEN_FILE }, { "/^a b$", false, HBA_TOKEN_REGEX },
        { "/", false, HBA_TOKEN_REGEX },      { "/a,b#", false, HBA_TOKEN_REGEX },
        { "all", false, HBA_TOKEN_KEYWORD },
    };

    (void)data;
    for (size_t i = 0; i < G_N_ELEMENTS(tokens); i++)
        assert_reads_back(fixture, PG, 18, HBA_FIELD_USER, &tokens[i]);
}

static void
control_characters_are_seen_and_other_letters_are_not(Fixture *fixture, const void *data)
{
    (void)fixture;
    (void)data;
    g_assert_true(hba_has_control_character("a\nb", ""));
    g_assert_true(hba_has_control_character("a\tb", ""));
    g_assert_true(hba_has_control_character("a\x7f", ""));
    g_assert_true(hba_has_control_character("a\xc2\x85", ""));
    g_assert_false(hba_has_control_character("a b é 名 \xc2\xa0", ""));
}

#define TEST(function)                                                                             \
    g_test_add("/hba/tokens/" #function, Fixture, NULL, setup, function, teardown)

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    TEST(postgresql_splits_as_its_source_says);
    TEST(pgbouncer_splits_as_its_source_says);
    TEST(words_mean_what_their_field_and_quotes_say);
    TEST(any_name_reads_back_as_itself);
    TEST(roles_files_and_expressions_read_back_too);
    TEST(control_characters_are_seen_and_other_letters_are_not);
    return g_test_run();
}
