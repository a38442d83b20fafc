/* One walk over the tables for each form of help. */
#include "provisioner/cli/help.h"

#include <string.h>

#include "provisioner/exit_code.h"
#include "provisioner/output/wrap.h"

#define WIDTH        80
#define LABEL_INDENT 2
#define TEXT_COLUMN  26

static const struct {
    int code;
    const char *text;
} exit_codes[] = {

#define EXIT_CODE_ROW(name, code, text) { code, text },
#include "provisioner/exit_code.def"
#undef EXIT_CODE_ROW
};

static const char about[] =
    "Declarative access control for PostgreSQL clusters: who may connect from where, which roles "
    "exist and what they may do, as one YAML inventory that is checked, planned and applied.";

/* ---- text ---- */

/* A paragraph whose further lines start at the column `indent`. */
static void
append_wrapped(GString *out, size_t indent, const char *text)
{
    wrap_text(out, (WrapStyle){ .width = WIDTH, .indent = indent }, text);
    g_string_append_c(out, '\n');
}

/* A label at the left and its text beside it; under it where the label is too long. */
static void
append_row(GString *out, const char *label, const char *text)
{
    g_string_append_printf(out, "%*s%s", LABEL_INDENT, "", label);
    if (wrap_column_of(out) + 2 > TEXT_COLUMN)
        g_string_append_c(out, '\n');
    g_string_append_printf(out, "%*s", (int)(TEXT_COLUMN - wrap_column_of(out)), "");
    append_wrapped(out, TEXT_COLUMN, text);
}

/* "-o, --output FILE" */
static char *
label_of(const OptionRow *option)
{
    GString *label = g_string_new(NULL);

    if (option->letter != '\0')
        g_string_append_printf(label, "-%c, ", option->letter);
    g_string_append_printf(label, "--%s", option->name);
    if (option->metavar != NULL)
        g_string_append_printf(label, option->value_is_optional ? "[=%s]" : " %s", option->metavar);
    return g_string_free(label, FALSE);
}

/* What follows the help of an option in parentheses: its words or range, default, repetition. */
static char *
details_of(const OptionRow *option)
{
    GString *details = g_string_new(NULL);
    g_autofree char *words = option->words == NULL ? NULL : words_join(option->words);

    if (words != NULL)
        g_string_append_printf(details, "; %s", words);
    if (option->kind == OPTION_NUMBER && option->maximum < G_MAXINT)
        g_string_append_printf(details, "; %d to %d", option->minimum, option->maximum);
    if (option->kind == OPTION_NUMBER && option->maximum == G_MAXINT && option->minimum > 0)
        g_string_append_printf(details, "; at least %d", option->minimum);
    if (option->fallback != NULL)
        g_string_append_printf(details, "; default %s", option->fallback);
    if (option->kind == OPTION_LIST || option->kind == OPTION_COUNT)
        g_string_append(details, "; repeatable");
    return g_string_free(details, FALSE);
}

static char *
text_of(const OptionRow *option)
{
    g_autofree char *details = details_of(option);

    return *details == '\0' ? g_strdup(option->help)
                            : g_strdup_printf("%s (%s)", option->help, details + 2);
}

static void
append_options(GString *out, const CommandRow *command, bool global)
{
    for (size_t i = 0; i < option_row_count; i++) {
        const OptionRow *option = &option_rows[i];
        g_autofree char *label = NULL;
        g_autofree char *text = NULL;

        if (!option_is_of(option, command) || option_is_global(option) != global)
            continue;
        label = label_of(option);
        text = text_of(option);
        append_row(out, label, text);
    }
}

/*
 * The options of every command by name alone; a label is not broken over two lines. Only their
 * names, because the full text would be repeated for every command.
 */
static void
append_global_labels(GString *out)
{
    g_autoptr(GPtrArray) labels = g_ptr_array_new_with_free_func(g_free);
    char *last = NULL;

    for (size_t i = 0; i < option_row_count; i++) {
        g_autofree char *label =
            option_is_global(&option_rows[i]) ? label_of(&option_rows[i]) : NULL;

        if (label != NULL)
            g_ptr_array_add(labels, g_strconcat(label, ";", NULL));
    }
    last = g_ptr_array_index(labels, labels->len - 1);
    last[strlen(last) - 1] = '\0';
    g_ptr_array_add(labels, NULL);
    g_string_append_printf(out, "%*s", LABEL_INDENT, "");
    wrap_words(out, (WrapStyle){ .width = WIDTH, .indent = LABEL_INDENT },
               (char *const *)labels->pdata);
    g_string_append_c(out, '\n');
}

static bool
has_own_options(const CommandRow *command)
{
    for (size_t i = 0; i < option_row_count; i++) {
        if (option_is_of(&option_rows[i], command) && !option_is_global(&option_rows[i]))
            return true;
    }
    return false;
}

static void
append_members(GString *out, const CommandRow *group)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (command_group_of(&command_rows[i]) == group)
            append_row(out, command_rows[i].name, command_rows[i].summary);
    }
}

/*
 * By number: the table itself is in the order in which one code wins over another
 * (exit_code_worse()).
 */
void
help_render_overview(GString *out)
{
    g_string_append(out, "Usage: pgcharter [OPTION]... COMMAND [ARGUMENT]...\n\n");
    append_wrapped(out, 0, about);
    g_string_append(out, "\nCommands:\n");
    append_members(out, NULL);
    g_string_append(out, "\nOptions of every command, before or after its name:\n");
    append_options(out, &command_rows[COMMAND_HELP], true);
    g_string_append(out, "\nExit codes:\n");
    for (int code = 0; code <= EXIT_CODE_INTERRUPTED; code++) {
        for (size_t i = 0; i < G_N_ELEMENTS(exit_codes); i++) {
            g_autofree char *label = g_strdup_printf("%d", code);

            if (exit_codes[i].code == code)
                append_row(out, label, exit_codes[i].text);
        }
    }
    g_string_append(
        out, "\n\"pgcharter help COMMAND\" describes a command, its options and an example.\n");
}

static char *
synopsis_of(const CommandRow *command)
{
    const char *arguments = command->run == NULL ? "COMMAND [ARGUMENT]..." : command->arguments;

    return g_strdup_printf("pgcharter %s [OPTION]...%s%s", command->name,
                           arguments == NULL ? "" : " ", arguments == NULL ? "" : arguments);
}

static char *
arguments_text_of(const CommandRow *command)
{
    g_autofree char *words =
        command->argument_words == NULL ? NULL : words_join(command->argument_words);

    return words == NULL ? g_strdup(command->arguments_help)
                         : g_strdup_printf("%s (%s)", command->arguments_help, words);
}

void
help_render_command(const CommandRow *command, GString *out)
{
    g_autofree char *synopsis = synopsis_of(command);

    g_string_append_printf(out, "Usage: %s\n\n", synopsis);
    append_wrapped(out, 0, command->text);
    if (command->run == NULL) {
        g_string_append(out, "\nCommands:\n");
        append_members(out, command);
    }
    if (command->arguments != NULL) {
        g_autofree char *text = arguments_text_of(command);

        g_string_append(out, "\nArguments:\n");
        append_row(out, command->arguments, text);
    }
    if (has_own_options(command)) {
        g_string_append(out, "\nOptions:\n");
        append_options(out, command, false);
    }
    g_string_append(out, "\nOptions of every command (described by \"pgcharter help\"):\n");
    append_global_labels(out);
    g_string_append_printf(out, "\nExample:\n  %s\n", command->example);
}

/* ---- markdown ---- */

/* A cell of a table: a bar would end it. Both characters would be read as markup by Markdown. */
static void
append_cell(GString *out, const char *text)
{
    g_string_append(out, " ");
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '|' || *at == '<')
            g_string_append_c(out, '\\');
        g_string_append_c(out, *at);
    }
    g_string_append(out, " |");
}

static void
append_option_table(GString *out, const CommandRow *command, bool global)
{
    g_string_append(out, "| option | meaning |\n|---|---|\n");
    for (size_t i = 0; i < option_row_count; i++) {
        const OptionRow *option = &option_rows[i];
        g_autofree char *label = NULL;
        g_autofree char *text = NULL;

        if (!option_is_of(option, command) || option_is_global(option) != global)
            continue;
        label = label_of(option);
        text = text_of(option);
        g_string_append_printf(out, "| `%s` |", label);
        append_cell(out, text);
        g_string_append_c(out, '\n');
    }
}

static void
append_command_section(GString *out, const CommandRow *command)
{
    g_autofree char *synopsis = synopsis_of(command);

    g_string_append_printf(out, "\n## pgcharter %s\n\n    %s\n\n", command->name, synopsis);
    append_wrapped(out, 0, command->text);
    if (command->run == NULL) {
        g_string_append(out, "\n| command | what it does |\n|---|---|\n");
        for (size_t i = 0; i < COMMAND_COUNT; i++) {
            if (command_group_of(&command_rows[i]) != command)
                continue;
            g_string_append_printf(out, "| `%s` |", command_rows[i].name);
            append_cell(out, command_rows[i].summary);
            g_string_append_c(out, '\n');
        }
    }
    if (command->arguments != NULL) {
        g_autofree char *text = arguments_text_of(command);
        g_autofree char *sentence = g_strdup_printf("`%s`: %s.", command->arguments, text);

        g_string_append_c(out, '\n');
        append_wrapped(out, 0, sentence);
    }
    if (has_own_options(command)) {
        g_string_append_c(out, '\n');
        append_option_table(out, command, false);
    }
    g_string_append_printf(out, "\nExample: `%s`\n", command->example);
}

void
help_render_markdown(GString *out)
{
    g_string_append(out, "# Commands\n\n    pgcharter [OPTION]... COMMAND [ARGUMENT]...\n\n");
    append_wrapped(out, 0, about);
    g_string_append_c(out, '\n');
    append_wrapped(out, 0,
                   "Options may come before or after the command. Results go to stdout, everything "
                   "else to stderr. This page is what `pgcharter help --format markdown` prints, "
                   "from the tables that the program itself parses its options with.");
    g_string_append(out, "\n## Options of every command\n\n");
    append_option_table(out, &command_rows[COMMAND_HELP], true);
    g_string_append(out, "\n## Exit codes\n\n");
    append_wrapped(out, 0,
                   "Every selected target is tried. The exit code of a run over several targets is "
                   "the first one of this table that any of them gave.");
    g_string_append(out, "\n| code | meaning |\n|---|---|\n");
    for (size_t i = 0; i < G_N_ELEMENTS(exit_codes); i++)
        g_string_append_printf(out, "| %d | %s |\n", exit_codes[i].code, exit_codes[i].text);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        append_command_section(out, &command_rows[i]);
}
