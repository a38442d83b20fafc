/* Words from other files, after next_field_expand() and tokenize_auth_file() of hba.c. */
#include "hba/read/line_words.h"

/*
 * The names of a file join the others of the field in their order. PgBouncer accepts an empty file,
 * but a rule without a name never matches (name_match()).
 */
const List *
hba_field_expand(const HbaCheck *check, SourcePos pos, const List *field)
{
    List *words = NULL;

    if (check->load_names == NULL)
        return field;
    words = ARENA_NEW(check->arena, List);
    LIST_FOREACH (const HbaToken, token, field) {
        if (!hba_token_is_file(token))
            list_add(check->arena, words, token);
        else if (!check->load_names(check->load_names_data, check, pos, token->text + 1, words))
            return NULL;
    }
    if (words->count > 0 || check->program == HBA_PROGRAM_POSTGRESQL)
        return words;
    findings_add(check->findings, &FINDING_HBA_PGB_NAMES, pos, "remove the rule",
                 "%s never matches a rule whose file of names is empty", check->server);
    return NULL;
}

/*
 * The server expands while it tokenizes, before it knows what a field means. A field whose files
 * are all empty disappears (tokenize_auth_file() adds only fields that are not NIL), and those
 * after it move up.
 */
bool
hba_line_expand(const HbaCheck *check, SourcePos pos, HbaLine *line)
{
    List fields = { 0 };

    if (check->program != HBA_PROGRAM_POSTGRESQL)
        return true;
    LIST_FOREACH (const List, field, &line->fields) {
        const List *words = hba_field_expand(check, pos, field);

        if (words == NULL)
            return false;
        if (words->count > 0)
            list_add(check->arena, &fields, words);
    }
    line->fields = fields;
    return true;
}

/*
 * Exactly two fields, as tokenize_auth_file() demands. Before 16 such a line is not an include, and
 * hba_check_rule() reports its type.
 */
const char *
hba_line_include(const HbaCheck *check, const HbaLine *line)
{
    const HbaToken *word = NULL;
    size_t index = 0;

    if (check->program != HBA_PROGRAM_POSTGRESQL || line->fields.count != 2)
        return NULL;
    word = ((const List *)line->fields.items[0])->items[0];
    index = hba_word_index(hba_type_words, word->text);
    if (hba_type_words[index] == NULL || hba_types[index].kind != HBA_LINE_INCLUDE ||
        check->version < hba_types[index].since[HBA_PROGRAM_POSTGRESQL])
        return NULL;
    word = ((const List *)line->fields.items[1])->items[0];
    return word->text;
}
