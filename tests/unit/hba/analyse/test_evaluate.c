/*
 * Evaluation, by tables: tests/unit/hba/eval/NAME.rules is an HBA file whose first comments say
 * program, version and roles; NAME.eval has a connection a line with the line that it must meet (0:
 * none, ?: cannot be judged).
 */
#include <stdlib.h>
#include <string.h>

#include "hba/analyse/evaluate.h"
#include "hba/read/file.h"
#include "hba/syntax/regex.h"

typedef struct Table {
    Arena *arena;
    HbaCheck check;
    HbaRoleSet *roles;
    List rules;
} Table;

static char *
read_table(const char *name, const char *suffix)
{
    g_autofree char *path =
        g_strdup_printf(PGCHARTER_SOURCE_DIR "/tests/unit/hba/eval/%s.%s", name, suffix);
    char *content = NULL;

    g_assert_true(g_file_get_contents(path, &content, NULL, NULL));
    return content;
}

static void
read_heading(Table *table, const char *line)
{
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    guint count = g_strv_length(words);

    if (count >= 4 && strcmp(words[1], "program") == 0) {
        table->check.program =
            strcmp(words[2], "pgbouncer") == 0 ? HBA_PROGRAM_PGBOUNCER : HBA_PROGRAM_POSTGRESQL;
        table->check.version = (int)strtol(words[3], NULL, 10);
    } else if (count >= 3 && strcmp(words[1], "role") == 0) {
        hba_role_set_add(table->roles, words[2]);
        for (guint i = 3; i < count; i++)
            hba_role_set_grant(table->roles, words[i], words[2]);
    }
}

static void
load_table(Table *table, const char *name)
{
    g_autofree char *rules = read_table(name, "rules");
    g_auto(GStrv) lines = g_strsplit(rules, "\n", -1);

    table->check = (HbaCheck){ .arena = table->arena,
                               .findings = findings_new(table->arena),
                               .server = "the server",
                               .enabled = true };
    for (char **line = lines; *line != NULL; line++)
        read_heading(table, *line);
    hba_file_parse(&table->check, &hba_file_source_local, name, rules, strlen(rules),
                   &table->rules);
    g_assert_false(findings_has_errors(table->check.findings));
}

static void
take_flag(Table *table, HbaConnection *connection, const char *flag, const char **names)
{
    if (strcmp(flag, "ssl") == 0) {
        connection->ssl = true;
    } else if (strcmp(flag, "gss") == 0) {
        connection->gss = true;
    } else if (strcmp(flag, "physical") == 0) {
        connection->replication = HBA_REPLICATION_PHYSICAL;
    } else if (strcmp(flag, "logical") == 0) {
        connection->replication = HBA_REPLICATION_LOGICAL;
    } else if (g_str_has_prefix(flag, "server=")) {
        HbaAddress *own = ARENA_NEW(table->arena, HbaAddress);

        g_assert_cmpint(hba_address_parse(table->arena, flag + strlen("server="), false, NULL, own),
                        ==, HBA_ADDRESS_FINE);
        list_add(table->arena, &connection->server_networks, own);
    } else {
        g_assert_true(g_str_has_prefix(flag, "name="));
        names[0] = flag + strlen("name=");
        connection->host_names = names;
    }
}

static void
check_line(Table *table, const char *line)
{
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    const char *names[2] = { NULL, NULL };
    HbaConnection connection = { .database = words[2], .user = words[3] };
    const HbaEvaluator evaluator = { .arena = table->arena,
                                     .program = table->check.program,
                                     .version = table->check.version,
                                     .roles = table->roles };
    HbaVerdict verdict;
    g_autofree char *got = NULL;

    connection.is_local = strcmp(words[4], "local") == 0;
    if (!connection.is_local)
        g_assert_true(hba_connection_set_address(&connection, words[4]));
    for (char **flag = words + 5; *flag != NULL; flag++)
        take_flag(table, &connection, *flag, names);
    verdict = hba_evaluate(&evaluator, &table->rules, &connection);
    if (verdict.match == HBA_MATCH_UNKNOWN)
        got = g_strdup("? -");
    else
        got = g_strdup_printf("%u %s", verdict.rule == NULL ? 0 : verdict.rule->pos.line,
                              verdict.rule == NULL ? "reject"
                                                   : hba_rule_effective_method(verdict.rule));
    if (!g_str_has_prefix(line, got) || line[strlen(got)] != ' ')
        g_error("%s: got %s", line, got);
}

static void
every_connection_meets_its_line(gconstpointer name)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(HbaRoleSet) roles = hba_role_set_new(arena);
    Table table = { .arena = arena, .roles = roles };
    g_autofree char *eval = read_table(name, "eval");
    g_auto(GStrv) lines = g_strsplit(eval, "\n", -1);

    load_table(&table, name);
    for (char **line = lines; *line != NULL; line++) {
        if (**line != '\0' && **line != '#')
            check_line(&table, *line);
    }
    findings_free(table.check.findings);
}

typedef struct RegexCase {
    const char *pattern;
    const char *text;
    HbaRegexResult result;
} RegexCase;

/* Each was asked of PostgreSQL 16 to 18; expressions are about bytes. */
static const RegexCase regex_cases[] = {
    { "^app", "app_1", HBA_REGEX_MATCH },
    { "app$", "my app", HBA_REGEX_MATCH },
    { "^app$", "app_1", HBA_REGEX_NO_MATCH },
    { "^a\\.c$", "abc", HBA_REGEX_NO_MATCH },
    { "^\\d+$", "123", HBA_REGEX_MATCH },
    { "^[\\w-]+$", "a_b-c", HBA_REGEX_MATCH },
    { "^[\\W]$", "-", HBA_REGEX_MATCH },
    { "^(a|b){2}$", "ab", HBA_REGEX_MATCH },
    { "", "anything", HBA_REGEX_MATCH },
    { "()|x", "anything", HBA_REGEX_MATCH },
    { "^.{3}$", "\xc3\x9cn\xc3\xaf", HBA_REGEX_NO_MATCH },
    { "^.{5}$", "\xc3\x9cn\xc3\xaf", HBA_REGEX_MATCH },
    { "^[[:alpha:]]+$", "\xc3\x9cn", HBA_REGEX_NO_MATCH },
    { "a+?b", "aab", HBA_REGEX_MATCH },
    { "a(?=b)", "ab", HBA_REGEX_MATCH },
    { "^(?!app)", "app", HBA_REGEX_NO_MATCH },
    { "\\mword\\M", "a word", HBA_REGEX_MATCH },
    { "\\*+", "**", HBA_REGEX_MATCH },
    { "a{b", "a{b", HBA_REGEX_MATCH },
    { "[]a]", "]", HBA_REGEX_MATCH },
    { "(", "x", HBA_REGEX_REFUSED },
    { "a)", "x", HBA_REGEX_REFUSED },
    { "[a", "x", HBA_REGEX_REFUSED },
    { "[z-a]", "x", HBA_REGEX_REFUSED },
    { "[[:alpah:]]", "x", HBA_REGEX_REFUSED },
    { "*a", "a", HBA_REGEX_REFUSED },
    { "a**", "a", HBA_REGEX_REFUSED },
    { "^*", "a", HBA_REGEX_REFUSED },
    { "$+", "a", HBA_REGEX_REFUSED },
    { "a{2,1}", "a", HBA_REGEX_REFUSED },
    { "a{256}", "a", HBA_REGEX_REFUSED },
    { "a\\", "a", HBA_REGEX_REFUSED },
    { "\\q", "a", HBA_REGEX_REFUSED },
    { "a(?#b)", "a", HBA_REGEX_UNSUPPORTED },
    { "(?i)app", "APP", HBA_REGEX_UNSUPPORTED },
    { "(a)\\1", "aa", HBA_REGEX_UNSUPPORTED },
    { "***=a.c", "a.c", HBA_REGEX_UNSUPPORTED },
};

static void
expressions_are_matched_or_not_guessed_at(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(regex_cases); i++) {
        const char *reason = NULL;
        HbaRegexResult result =
            hba_regex_match(regex_cases[i].pattern, regex_cases[i].text, &reason);

        if (result != regex_cases[i].result)
            g_error("/%s on \"%s\" gives %d (%s)", regex_cases[i].pattern, regex_cases[i].text,
                    result, reason == NULL ? "" : reason);
        g_assert_true((reason != NULL) == (result > HBA_REGEX_NO_MATCH));
    }
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/evaluate/postgresql/every_connection_meets_its_line", "postgresql",
                         every_connection_meets_its_line);
    g_test_add_data_func("/evaluate/pgbouncer/every_connection_meets_its_line", "pgbouncer",
                         every_connection_meets_its_line);
    g_test_add_func("/regex/expressions_are_matched_or_not_guessed_at",
                    expressions_are_matched_or_not_guessed_at);
    return g_test_run();
}
