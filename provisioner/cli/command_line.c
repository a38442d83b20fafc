/*
 * Reading argv in two passes: the first finds the command, for which it has to know which options
 * take a value; GOption, with the options of that command, does the rest.
 */
#include "provisioner/cli/command_line.h"

#include <string.h>

#include "base/suggest.h"

typedef struct Parse {
    Arena *arena;
    CommandLine *line;
    CommandLineError *error;
    GPtrArray *words; /* argv without the command's own words */
    const char *hint; /* for the error of a callback; NULL: none */
} Parse;

static bool
refuse(Parse *parse, const char *message, const char *hint)
{
    const CommandRow *command = parse->line->command;

    if (hint == NULL)
        hint = command == NULL ? "pgcharter help lists the commands"
                               : arena_printf(parse->arena, "pgcharter help %s lists the options",
                                              command->name);
    *parse->error = (CommandLineError){ .message = message, .hint = hint };
    return false;
}

/* NULL: nothing is near. */
static const char *
did_you_mean(Arena *arena, const char *prefix, const char *word)
{
    return word == NULL ? NULL : arena_printf(arena, "did you mean \"%s%s\"?", prefix, word);
}

/* ---- the command ---- */

/*
 * Only names of the same group are compared, or "hba instal" would suggest a command of another
 * group.
 */
const char *
command_line_suggest(Arena *arena, const CommandRow *group, const char *name)
{
    const char *known[COMMAND_COUNT + 1] = { NULL };
    const char *nearest = NULL;
    size_t count = 0;

    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (command_group_of(&command_rows[i]) == group)
            known[count++] = command_verb(&command_rows[i]);
    }
    nearest = suggest_nearest(name, known);
    if (nearest != NULL)
        return did_you_mean(arena, "", nearest);
    return group == NULL ? "pgcharter help lists the commands"
                         : arena_printf(arena, "pgcharter help %s lists the commands", group->name);
}

/* How many letters of -vi or -iPATH come before what is the value of the last of them; 0: none of
 * them takes one. A letter takes a value in all of its rows or in none, and so does a name, so the
 * command need not be known yet. */
static size_t
letters_before_value(const char *word)
{
    for (size_t at = 1; word[1] != '-' && word[at] != '\0'; at++) {
        for (size_t i = 0; i < option_row_count; i++) {
            if (option_rows[i].letter == word[at] && option_takes_value(&option_rows[i]))
                return at;
        }
    }
    return 0;
}

/*
 * Whether the word is an option whose value is the next word. --name=value carries its value in the
 * same word, so only the bare name is looked for.
 */
static bool
next_word_is_value(const char *word)
{
    for (size_t i = 0; word[1] == '-' && i < option_row_count; i++) {
        if (option_takes_value(&option_rows[i]) && strcmp(option_rows[i].name, word + 2) == 0)
            return true;
    }
    return letters_before_value(word) > 0;
}

/* GOption knows no -iPATH (its manual: a value follows a letter as a word of its own), so the two
 * are parted first. */
static void
take_words(Parse *parse, int argc, char *const *argv)
{
    bool is_value = false;
    bool ended = false;

    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        size_t letters = ended || is_value || word[0] != '-' ? 0 : letters_before_value(word);

        if (letters > 0 && word[letters + 1] != '\0') {
            g_ptr_array_add(parse->words, arena_strndup(parse->arena, word, letters + 1));
            g_ptr_array_add(parse->words, arena_strdup(parse->arena, word + letters + 1));
            continue;
        }
        g_ptr_array_add(parse->words, arena_strdup(parse->arena, word));
        ended = ended || (!is_value && strcmp(word, "--") == 0);
        is_value = !ended && !is_value && word[0] == '-' && next_word_is_value(word);
    }
}

/*
 * The index of the first word from `at` on that is neither an option nor its value. A lone dash is
 * an argument (a file for many programs), and after -- there are no options.
 */
static guint
find_word(const Parse *parse, guint at)
{
    for (; at < parse->words->len; at++) {
        const char *word = g_ptr_array_index(parse->words, at);

        if (word[0] != '-' || word[1] == '\0')
            return at;
        if (strcmp(word, "--") == 0)
            break;
        if (next_word_is_value(word))
            at++;
    }
    return parse->words->len;
}

/* The command's words are removed, so that options may come before, between and after them. */
static bool
find_command(Parse *parse)
{
    CommandLine *line = parse->line;
    const CommandRow *group = NULL;
    guint at = find_word(parse, 0);

    while (at < parse->words->len && (line->command == NULL || line->command->run == NULL)) {
        const char *word = g_ptr_array_index(parse->words, at);
        const char *name =
            group == NULL ? word : arena_printf(parse->arena, "%s %s", group->name, word);
        const CommandRow *found = strchr(word, ' ') == NULL ? command_find(name) : NULL;

        if (found == NULL)
            return refuse(parse, arena_printf(parse->arena, "unknown command \"%s\"", name),
                          command_line_suggest(parse->arena, group, word));
        line->command = group = found;
        g_ptr_array_remove_index(parse->words, at);
        at = find_word(parse, at);
    }
    return true;
}

/* ---- its options ---- */

/* Several rows may have the same name for different commands; the bit of the command decides. */
static const OptionRow *
find_option(const CommandRow *command, const char *name)
{
    for (size_t i = 0; i < option_row_count; i++) {
        const OptionRow *row = &option_rows[i];
        bool is_it = name[1] == '-' ? strcmp(row->name, name + 2) == 0 : row->letter == name[1];

        if (is_it && option_is_of(row, command))
            return row;
    }
    return NULL;
}

/*
 * A value may be missing only where it is optional, and then the first word of the table is meant.
 */
static bool
read_word(Parse *parse, const OptionRow *row, const char *value, int *ret_index, char **ret_problem)
{
    g_autofree char *words = NULL;

    for (int i = 0; row->words[i] != NULL; i++) {
        if (value == NULL || strcmp(row->words[i], value) == 0) {
            *ret_index = i;
            return true;
        }
    }
    words = words_join(row->words);
    parse->hint = did_you_mean(parse->arena, "", suggest_nearest(value, row->words));
    *ret_problem = g_strdup_printf("--%s takes %s, not \"%s\"", row->name, words, value);
    return false;
}

/*
 * g_ascii_string_to_signed() takes no blanks and no rest, unlike atoi(), and checks the range as
 * well.
 */
static bool
read_number(const OptionRow *row, const char *value, int *ret_number, char **ret_problem)
{
    gint64 number = 0;

    if (g_ascii_string_to_signed(value, 10, row->minimum, row->maximum, &number, NULL)) {
        *ret_number = (int)number;
        return true;
    }
    *ret_problem = row->maximum == G_MAXINT
                       ? g_strdup_printf("--%s takes a number of at least %d, not \"%s\"",
                                         row->name, row->minimum, value)
                       : g_strdup_printf("--%s takes a number from %d to %d, not \"%s\"", row->name,
                                         row->minimum, row->maximum, value);
    return false;
}

/*
 * The lists are as short as a command line, so copying on each addition is cheap enough and keeps
 * them NULL-terminated.
 */
static char **
append_text(Arena *arena, char **list, char *text)
{
    guint length = list == NULL ? 0 : g_strv_length(list);
    char **longer = ARENA_NEW_ARRAY(arena, char *, length + 2u);

    for (guint i = 0; i < length; i++)
        longer[i] = list[i];
    longer[length] = text;
    return longer;
}

/*
 * GOption calls this for every option: values go into CommandOptions by the table. One callback for
 * all options: the table, not code, says where a value goes and what it may be.
 */
static gboolean
take_option(const char *name, const char *value, void *data, GError **error)
{
    Parse *parse = data;
    const OptionRow *row = find_option(parse->line->command, name);
    void *member = (char *)&parse->line->options + row->offset;
    char *text = value == NULL ? NULL : arena_strdup(parse->arena, value);
    g_autofree char *problem = NULL;
    bool ok = true;

    switch (row->kind) {
    case OPTION_FLAG:
        *(bool *)member = true;
        break;
    case OPTION_COUNT:
        ++*(int *)member;
        break;
    case OPTION_TEXT:
        *(const char **)member = text;
        break;
    case OPTION_LIST:
        *(char ***)member = append_text(parse->arena, *(char ***)member, text);
        break;
    case OPTION_NUMBER:
        ok = read_number(row, text, member, &problem);
        break;
    case OPTION_WORD:
        ok = read_word(parse, row, text, member, &problem);
        break;
    }
    if (!ok)
        g_set_error_literal(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, problem);
    return ok;
}

static GOptionEntry
entry_of(const OptionRow *row)
{
    int flags = row->value_is_optional    ? G_OPTION_FLAG_OPTIONAL_ARG
                : option_takes_value(row) ? 0
                                          : G_OPTION_FLAG_NO_ARG;

    /* A file's name is bytes; everything else goes through the locale's encoding. */
    if (row->complete == COMPLETE_FILE || row->complete == COMPLETE_FOLDER)
        flags |= G_OPTION_FLAG_FILENAME;
    return (
        GOptionEntry){ row->name, row->letter, flags, G_OPTION_ARG_CALLBACK, (gpointer)take_option,
                       row->help, row->metavar };
}

/* The commands that take the option, for whoever gave it to another. */
static const char *
owners_of(Arena *arena, const char *name)
{
    GString *owners = g_string_new(NULL);
    const char *text = NULL;

    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (command_rows[i].run != NULL && find_option(&command_rows[i], name) != NULL)
            g_string_append_printf(owners, "%s\"%s\"", owners->len > 0 ? ", " : "",
                                   command_rows[i].name);
    }
    if (owners->len > 0)
        text = arena_printf(arena, "%s is an option of %s", name, owners->str);
    g_string_free(owners, TRUE);
    return text;
}

/*
 * An option that other commands have is reported with their names; only otherwise is a spelling
 * mistake assumed.
 */
static bool
refuse_unknown_option(Parse *parse, const char *name)
{
    const char **known = ARENA_NEW_ARRAY(parse->arena, const char *, option_row_count + 1);
    const CommandRow *command = parse->line->command;
    const char *hint = owners_of(parse->arena, name);
    size_t count = 0;

    for (size_t i = 0; i < option_row_count; i++) {
        if (option_is_of(&option_rows[i], command))
            known[count++] = option_rows[i].name;
    }
    if (hint == NULL && name[1] == '-')
        hint = did_you_mean(parse->arena, "--", suggest_nearest(name + 2, known));
    return refuse(parse, arena_printf(parse->arena, "%s has no option %s", command->name, name),
                  hint);
}

/* The first option that the command does not have: GOption names only the error. NULL: none. */
static const char *
find_unknown_option(const Parse *parse)
{
    for (guint at = 0; at < parse->words->len; at++) {
        const char *word = g_ptr_array_index(parse->words, at);
        const char *name = arena_strndup(parse->arena, word, strcspn(word, "="));

        if (strcmp(word, "--") == 0)
            break;
        if (word[0] != '-' || word[1] == '\0')
            continue;
        for (const char *letter = name + 1; name[1] != '-' && *letter != '\0'; letter++) {
            const char *single = arena_printf(parse->arena, "-%c", *letter);
            const OptionRow *row = find_option(parse->line->command, single);

            if (row == NULL)
                return single;
            if (option_takes_value(row))
                break;
        }
        if (name[1] == '-' && find_option(parse->line->command, name) == NULL)
            return name;
        if (next_word_is_value(word))
            at++;
    }
    return NULL;
}

/*
 * Unknown options are looked for before GOption runs, because its error does not say which commands
 * have them.
 */
static bool
read_options(Parse *parse)
{
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autofree GOptionEntry *entries = g_new0(GOptionEntry, option_row_count + 1);
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) rest = g_new0(char *, (size_t)parse->words->len + 2);
    CommandLine *line = parse->line;
    const char *unknown = find_unknown_option(parse);
    GOptionGroup *group = g_option_group_new("", "", "", parse, NULL);
    size_t count = 0;

    for (size_t i = 0; i < option_row_count; i++) {
        if (option_is_of(&option_rows[i], line->command))
            entries[count++] = entry_of(&option_rows[i]);
    }
    g_option_group_add_entries(group, entries);
    g_option_context_set_main_group(context, group);
    g_option_context_set_help_enabled(context, FALSE);
    if (unknown != NULL)
        return refuse_unknown_option(parse, unknown);
    rest[0] = g_strdup("pgcharter");
    for (guint i = 0; i < parse->words->len; i++)
        rest[i + 1] = g_strdup(g_ptr_array_index(parse->words, i));
    if (!g_option_context_parse_strv(context, &rest, &error))
        return refuse(parse, arena_strdup(parse->arena, error->message), parse->hint);
    for (char **word = rest + 1; *word != NULL; word++) {
        /* GOption leaves the "--" itself in front of words that look like options. */
        if (strcmp(*word, "--") == 0 && line->argc == 0)
            continue;
        line->argv = append_text(parse->arena, line->argv, arena_strdup(parse->arena, *word));
        line->argc++;
    }
    return true;
}

/* ---- its arguments ---- */

/* Counted here and not in the commands, so that help and check use the same columns. */
static bool
check_arguments(Parse *parse)
{
    Arena *arena = parse->arena;
    CommandLine *line = parse->line;
    const CommandRow *command = line->command;
    g_autofree char *words = NULL;

    if (line->argc > 0 && command->arguments == NULL)
        return refuse(parse, arena_printf(arena, "%s takes no arguments", command->name), NULL);
    if (command->argument_words != NULL)
        words = words_join(command->argument_words);
    if (line->argc < command->arguments_min)
        return refuse(parse,
                      arena_printf(arena, "%s needs %s: %s", command->name, command->arguments,
                                   words == NULL ? command->arguments_help : words),
                      NULL);
    if (line->argc > command->arguments_max)
        return refuse(
            parse,
            arena_printf(arena, "%s takes %s and nothing more", command->name, command->arguments),
            NULL);
    if (line->argc == 0 || words == NULL || g_strv_contains(command->argument_words, line->argv[0]))
        return true;
    return refuse(
        parse, arena_printf(arena, "%s takes %s, not \"%s\"", command->name, words, line->argv[0]),
        did_you_mean(arena, "", suggest_nearest(line->argv[0], command->argument_words)));
}

static bool
refuse_group(Parse *parse)
{
    const CommandRow *group = parse->line->command;
    const char *verbs[COMMAND_COUNT + 1] = { NULL };
    g_autofree char *words = NULL;
    size_t count = 0;

    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (command_group_of(&command_rows[i]) == group)
            verbs[count++] = command_verb(&command_rows[i]);
    }
    words = words_join(verbs);
    return refuse(parse, arena_printf(parse->arena, "%s needs a command: %s", group->name, words),
                  arena_printf(parse->arena, "pgcharter help %s describes them", group->name));
}

static bool
check_conninfos(Parse *parse)
{
    for (char **item = parse->line->options.conninfos; item != NULL && *item != NULL; item++) {
        const char *equals = strchr(*item, '=');

        /* The value may hold a password (and is refused for it later): it is not repeated. */
        if (equals == NULL || equals == *item)
            return refuse(parse, "--conninfo takes NAME=CONNINFO", NULL);
    }
    return true;
}

/* --help wins over every check of arguments: who asks for help need not get the rest right. */
bool
command_line_parse(Arena *arena, int argc, char *const *argv, CommandLine *ret_line,
                   CommandLineError *ret_error)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    Parse parse = { .arena = arena, .line = ret_line, .error = ret_error, .words = words };
    bool asks_version = false;

    *ret_line = (CommandLine){ .argv = ARENA_NEW_ARRAY(arena, char *, 1) };
    command_options_init(&ret_line->options);
    take_words(&parse, argc, argv);
    if (!find_command(&parse))
        return false;
    if (ret_line->command == NULL) {
        /* `pgcharter --version` and `pgcharter --help` name no command. */
        for (guint i = 0; i < words->len && !asks_version; i++)
            asks_version = strcmp(g_ptr_array_index(words, i), "--version") == 0 &&
                           g_ptr_array_remove_index(words, i) != NULL;
        ret_line->command = &command_rows[asks_version ? COMMAND_VERSION : COMMAND_HELP];
        if (!read_options(&parse))
            return false;
        if (asks_version || ret_line->options.help)
            return true;
        ret_line->command = NULL;
        return refuse(&parse, "no command is given", NULL);
    }
    if (!read_options(&parse))
        return false;
    if (ret_line->options.help)
        return true;
    if (ret_line->command->run == NULL)
        return refuse_group(&parse);
    return check_arguments(&parse) && check_conninfos(&parse);
}
