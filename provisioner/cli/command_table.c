/* The tables, and how to look into them. */
#include "provisioner/cli/command_table.h"

#include <string.h>

#include "hba/syntax/rule.h"
#include "inventory/model/words.h"
#include "provisioner/catalog/catalog.h"
#include "provisioner/cli/command.h"
#include "provisioner/hba_deploy/hba_role.h"
#include "provisioner/output/findings_output.h"
#include "provisioner/output/plan_format.h"

const char *const render_words[] = {
    [RENDER_HBA] = "hba",           [RENDER_PGBOUNCER] = "pgbouncer",
    [RENDER_USEROPTS] = "useropts", [RENDER_USERLIST] = "userlist",
    [RENDER_ALL] = "all",           [RENDER_WORD_COUNT] = NULL,
};
const char *const hba_dialect_words[] = {
    [HBA_PROGRAM_POSTGRESQL] = "postgresql",
    [HBA_PROGRAM_PGBOUNCER] = "pgbouncer",
    [HBA_PROGRAM_COUNT] = NULL,
};
const char *const replication_words[] = { "physical", "database", NULL };

static const char *const answer_format_words[] = {
    [ANSWER_FORMAT_TEXT] = "text",
    [ANSWER_FORMAT_JSON] = "json",
    [ANSWER_FORMAT_COUNT] = NULL,
};
static const char *const help_format_words[] = {
    [HELP_FORMAT_TEXT] = "text",
    [HELP_FORMAT_MARKDOWN] = "markdown",
    [HELP_FORMAT_COUNT] = NULL,
};
static const char *const color_words[] = {
    [COLOR_AUTO] = "auto",
    [COLOR_ALWAYS] = "always",
    [COLOR_NEVER] = "never",
    [COLOR_COUNT] = NULL,
};

const CommandRow command_rows[COMMAND_COUNT] = {
#define COMMAND(id, text, function, ...)                                                           \
    [COMMAND_##id] = { .name = text, .run = function, __VA_ARGS__ },
#define COMMAND_GROUP(id, text, ...) [COMMAND_##id] = { .name = text, __VA_ARGS__ },
#include "provisioner/cli/commands.def"
#undef COMMAND
#undef COMMAND_GROUP
};

_Static_assert(COMMAND_COUNT <= 32, "OptionRow.commands has a bit for each command");

#define ON(id)        (UINT32_C(1) << COMMAND_##id)
#define EVERY_COMMAND ((UINT32_C(1) << COMMAND_COUNT) - 1)

/*
 * One table for parser, help, completion and the reference page, so that none of them can lag
 * behind.
 */
const OptionRow option_rows[] = {
#define OPTION(field, type, text, on, ...)                                                         \
    { .name = text,                                                                                \
      .kind = OPTION_##type,                                                                       \
      .commands = on,                                                                              \
      .offset = offsetof(CommandOptions, field),                                                   \
      __VA_ARGS__ },
#include "provisioner/cli/options.def"
#undef OPTION
};

const size_t option_row_count = G_N_ELEMENTS(option_rows);

/* The numbers and words get their "not given"; everything else starts as zero, which is its own. */
void
command_options_init(CommandOptions *options)
{
    *options = (CommandOptions){ 0 };
    for (size_t i = 0; i < option_row_count; i++) {
        const OptionRow *row = &option_rows[i];

        if (row->kind == OPTION_NUMBER || row->kind == OPTION_WORD)
            *(int *)(void *)((char *)options + row->offset) = OPTION_NOT_GIVEN;
    }
}

const CommandRow *
command_find(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(command_rows[i].name, name) == 0)
            return &command_rows[i];
    }
    return NULL;
}

/* A group is found by its name in front of the blank and needs no column of its own. */
const CommandRow *
command_group_of(const CommandRow *command)
{
    const char *blank = strchr(command->name, ' ');
    size_t length = blank == NULL ? 0 : (size_t)(blank - command->name);

    for (size_t i = 0; blank != NULL && i < COMMAND_COUNT; i++) {
        if (strlen(command_rows[i].name) == length &&
            strncmp(command_rows[i].name, command->name, length) == 0)
            return &command_rows[i];
    }
    return NULL;
}

const char *
command_verb(const CommandRow *command)
{
    const char *blank = strchr(command->name, ' ');

    return blank == NULL ? command->name : blank + 1;
}

CommandId
command_id(const CommandRow *command)
{
    return (CommandId)(command - command_rows);
}

bool
option_is_of(const OptionRow *option, const CommandRow *command)
{
    return (option->commands & UINT32_C(1) << command_id(command)) != 0;
}

/* An option that every command takes is described once, in the overview. */
bool
option_is_global(const OptionRow *option)
{
    return option->commands == EVERY_COMMAND;
}

/* Where the value is optional, only --name=value carries one: the next word stays an argument. */
bool
option_takes_value(const OptionRow *option)
{
    return option->kind != OPTION_FLAG && option->kind != OPTION_COUNT &&
           !option->value_is_optional;
}

char *
words_join(const char *const *words)
{
    GString *joined = g_string_new(NULL);

    for (size_t i = 0; words[i] != NULL; i++)
        g_string_append_printf(joined, "%s%s",
                               i == 0                 ? ""
                               : words[i + 1] == NULL ? " or "
                                                      : ", ",
                               words[i]);
    return g_string_free(joined, FALSE);
}
