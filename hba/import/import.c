/* Blocks of lines to groups. */
#include "hba/import/import.h"

#include <string.h>

#include "base/printable.h"
#include "hba/import/import_alias.h"
#include "hba/import/yaml_text.h"
#include "hba/read/line.h"
#include "hba/syntax/rule_text.h"
#include "hba/syntax/tokens.h"

typedef struct Import {
    const HbaCheck *check;
    GString *title;   /* of the block that comes */
    List block;       /* HbaRule */
    bool is_spread;   /* over several files */
    const char *file; /* of the last block */
    GString *out;
} Import;

/*
 * What follows the # signs; empty for a line of decoration. A backslash at the end is dropped
 * because hba_check_text() refuses a title that ends in one.
 */
static char *
comment_text(const char *raw)
{
    g_autofree char *valid = g_utf8_make_valid(raw, -1);
    char *at = valid;
    char *end = NULL;

    while (g_ascii_isspace(*at) || *at == '#')
        at++;
    end = at + strlen(at);
    while (end > at && (g_ascii_isspace(end[-1]) || strchr("#\\", end[-1]) != NULL))
        *--end = '\0';
    if (strspn(at, "-=*~_+. \t") == strlen(at) || hba_has_control_character(at, ""))
        return g_strdup("");
    return g_strdup(at);
}

/* `[common]` and the like, which this program and Pigsty write after a title. */
static void
drop_role(GString *title)
{
    const char *open = strrchr(title->str, '[');
    g_autofree char *word = NULL;

    if (open == NULL || title->str[title->len - 1] != ']')
        return;
    word = g_strndup(open + 1, strlen(open) - 2);
    if (hba_rule_role_words[hba_word_index(hba_rule_role_words, word)] == NULL)
        return;
    g_string_truncate(title, (gsize)(open - title->str));
    while (title->len > 0 && title->str[title->len - 1] == ' ')
        g_string_truncate(title, title->len - 1);
}

/* The line as its author wrote it where an inventory reads it as the same rule, otherwise without
 * what only files have: joined lines, @files, bytes that end a line. NULL when neither will do. */
static const char *
inventory_line(const HbaCheck *check, const HbaRule *rule)
{
    HbaCheck judge = *check;
    g_autoptr(GString) rendered = g_string_new(NULL);
    g_autofree char *raw = g_strstrip(g_strdup(rule->raw));
    const char *texts[2] = { raw, NULL };

    hba_rule_render(rule, rendered);
    texts[1] = rendered->str;
    judge.is_file = false;
    judge.load_names = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(Findings) findings = findings_new(check->arena);
        const HbaRule *again = NULL;

        judge.findings = findings;
        again = hba_line_parse(&judge, rule->pos, texts[i]);
        if (again != NULL && hba_rule_equal(rule, again) && g_utf8_validate(texts[i], -1, NULL))
            return arena_strdup(check->arena, texts[i]);
    }
    return NULL;
}

/* The begin of a key's line: the first key of a group has the dash. */
static void
begin_key(const Import *import, bool is_first, const char *key)
{
    g_string_append_printf(import->out, "  %c %s:", is_first ? '-' : ' ', key);
}

static void
write_key(const Import *import, bool is_first, const char *key, const char *value)
{
    begin_key(import, is_first, key);
    g_string_append_c(import->out, ' ');
    hba_yaml_text_append(import->out, value);
    g_string_append_c(import->out, '\n');
}

/*
 * A rule that cannot be written is an error for the whole import. Leaving it out could open or
 * close access without anybody noticing.
 */
static void
write_lines(const Import *import)
{
    begin_key(import, import->title->len == 0, "rules");
    g_string_append_c(import->out, '\n');
    LIST_FOREACH (const HbaRule, rule, &import->block) {
        const char *line = inventory_line(import->check, rule);

        if (line == NULL) {
            findings_add(import->check->findings, &FINDING_HBA_IMPORT_UNSUPPORTED, rule->pos,
                         "names in an inventory are UTF-8 without control characters",
                         "this rule cannot be represented in an inventory");
            continue;
        }
        g_string_append(import->out, "      - ");
        hba_yaml_text_append(import->out, line);
        g_string_append_c(import->out, '\n');
    }
}

static void
write_alias(const Import *import, const HbaAliasWords *words)
{
    write_key(import, import->title->len == 0, "user", words->user);
    write_key(import, false, "db", words->db);
    write_key(import, false, "addr", words->addr);
    write_key(import, false, "auth", words->auth);
}

/* The YAML is written as text because the emitter of libyaml has no event for comments. */
static void
write_origin(const Import *import, const char *file)
{
    g_autofree char *valid = g_utf8_make_valid(file, -1);

    g_string_append(import->out, "  # from ");
    printable_append(import->out, valid);
    g_string_append_c(import->out, '\n');
}

static bool
has_comment(const List *block)
{
    LIST_FOREACH (const HbaRule, rule, block) {
        if (strchr(rule->raw, '#') != NULL)
            return true;
    }
    return false;
}

/* Ends the block at hand, if there is one. */
static void
end_block(Import *import)
{
    const HbaRule *first = NULL;
    HbaAliasWords words;

    if (import->block.count == 0)
        return;
    first = import->block.items[0];
    if (import->file != first->pos.file && import->is_spread)
        write_origin(import, first->pos.file);
    import->file = first->pos.file;
    drop_role(import->title);
    if (import->title->len > 0)
        write_key(import, true, "title", import->title->str);
    /* A comment after a rule is worth more than the shorter form. */
    if (!has_comment(&import->block) && hba_alias_find(import->check, &import->block, &words))
        write_alias(import, &words);
    else
        write_lines(import);
    import->block.count = 0;
    g_string_truncate(import->title, 0);
}

static void
take_comment(Import *import, const char *raw)
{
    g_autofree char *text = comment_text(raw);

    end_block(import);
    /* A blank line, or one that is decoration, parts a comment from what follows. */
    if (*text == '\0')
        g_string_truncate(import->title, 0);
    else
        g_string_append_printf(import->title, "%s%s", import->title->len > 0 ? " " : "", text);
}

/*
 * The default rules are emptied first: they would come before the imported ones and decide in their
 * place.
 */
void
hba_import_render(const HbaCheck *check, const List *lines, GString *out)
{
    g_autoptr(GString) title = g_string_new(NULL);
    Import import = { .check = check, .title = title, .out = out };
    const char *prefix = check->program == HBA_PROGRAM_POSTGRESQL ? "pg" : "pgb";
    size_t begin = 0;

    g_string_append_printf(out, "%s_default_hba_rules: [] # the file's own rules are all below\n",
                           prefix);
    g_string_append_printf(out, "%s_hba_rules:", prefix);
    begin = out->len;
    g_string_append_c(out, '\n');
    LIST_FOREACH (const HbaRule, line, lines) {
        const HbaRule *first = import.block.count > 0 ? import.block.items[0] : line;

        if (line->is_comment) {
            take_comment(&import, line->raw);
            continue;
        }
        import.is_spread = import.is_spread || line->include != NULL;
        if (line->include != NULL || first->pos.file != line->pos.file) {
            end_block(&import);
            g_string_truncate(title, 0);
        }
        if (line->include == NULL)
            list_add(check->arena, &import.block, line);
    }
    end_block(&import);
    if (out->len == begin + 1)
        g_string_insert(out, (gssize)begin, " []");
}
