/*
 * CommandRow and OptionRow: the command line as data, from commands.def and options.def. The parser
 * (command_line.h) and the help (help.h) read these tables and know no command or option by name.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct CommandContext CommandContext;

typedef enum CommandId {
#define COMMAND(id, name, function, ...) COMMAND_##id,
#define COMMAND_GROUP(id, name, ...)     COMMAND_##id,
#include "provisioner/cli/commands.def"
#undef COMMAND
#undef COMMAND_GROUP
    COMMAND_COUNT,
} CommandId;

/* What a shell may complete a value with. */
typedef enum Completion {
    COMPLETE_NOTHING,
    COMPLETE_FILE,
    COMPLETE_FOLDER,
    COMPLETE_COMMAND,
} Completion;

typedef struct CommandRow {
    const char *name;                    /* "plan", "hba test" */
    int (*run)(CommandContext *context); /* NULL: a group, whose members are "name verb" */
    const char *arguments;               /* the synopsis of the positional ones; NULL: none */
    int arguments_min;
    int arguments_max;
    const char *const *argument_words; /* NULL-terminated; NULL: any text */
    Completion arguments_complete;
    const char *arguments_help;
    const char *summary;
    const char *text;
    const char *example;
} CommandRow;

/* KIND of options.def, and the type of its member of CommandOptions. */
typedef enum OptionKind {
    OPTION_FLAG,   /* bool */
    OPTION_COUNT,  /* int: how often it was given */
    OPTION_TEXT,   /* const char *, NULL: not given; given again, the last one counts */
    OPTION_LIST,   /* char **, NULL-terminated; NULL: not given. The repeatable kind */
    OPTION_NUMBER, /* int, OPTION_NOT_GIVEN */
    OPTION_WORD,   /* int: the index in the row's words, OPTION_NOT_GIVEN */
} OptionKind;

#define OPTION_NOT_GIVEN (-1)

typedef struct OptionRow {
    const char *name; /* without the dashes */
    char letter;      /* '\0': none */
    OptionKind kind;
    uint32_t commands; /* bits: 1 << CommandId */
    size_t offset;     /* in CommandOptions */
    const char *metavar;
    const char *const *words; /* WORD: NULL-terminated */
    bool value_is_optional;   /* WORD: --name alone is the first word */
    int minimum;              /* NUMBER */
    int maximum;
    const char *fallback; /* what counts where it is not given, for people; NULL: nothing */
    Completion complete;
    const char *help;
} OptionRow;

#define OPTION_TYPE_FLAG   bool
#define OPTION_TYPE_COUNT  int
#define OPTION_TYPE_TEXT   const char *
#define OPTION_TYPE_LIST   char **
#define OPTION_TYPE_NUMBER int
#define OPTION_TYPE_WORD   int

/* The values of all options; a command reads those that options.def gives it. Arena-owned. */
typedef struct CommandOptions {
#define OPTION(field, kind, name, commands, ...) OPTION_TYPE_##kind field;
#include "provisioner/cli/options.def"
#undef OPTION
} CommandOptions;

/* Words that no module below cli/ owns; NULL-terminated. */
extern const char *const render_words[];
extern const char *const hba_dialect_words[]; /* in the order of HbaProgram */
extern const char *const replication_words[];

typedef enum RenderWord {
    RENDER_HBA,
    RENDER_PGBOUNCER,
    RENDER_USEROPTS,
    RENDER_USERLIST,
    RENDER_ALL,
    RENDER_WORD_COUNT,
} RenderWord;

typedef enum AnswerFormat {
    ANSWER_FORMAT_TEXT,
    ANSWER_FORMAT_JSON,
    ANSWER_FORMAT_COUNT,
} AnswerFormat;

typedef enum HelpFormat {
    HELP_FORMAT_TEXT,
    HELP_FORMAT_MARKDOWN,
    HELP_FORMAT_COUNT,
} HelpFormat;

typedef enum ColorWhen {
    COLOR_AUTO,
    COLOR_ALWAYS,
    COLOR_NEVER,
    COLOR_COUNT,
} ColorWhen;

extern const CommandRow command_rows[COMMAND_COUNT];
extern const OptionRow option_rows[];
extern const size_t option_row_count;

/* Nothing given yet. */
void command_options_init(CommandOptions *options);
/* NULL: there is none of that name. */
const CommandRow *command_find(const char *name);
/* The row of the group that the command belongs to; NULL: it belongs to none. */
const CommandRow *command_group_of(const CommandRow *command);
/* The name without its group's: "test" of "hba test". */
const char *command_verb(const CommandRow *command);
CommandId command_id(const CommandRow *command);

bool option_is_of(const OptionRow *option, const CommandRow *command);
/* Taken by every command. */
bool option_is_global(const OptionRow *option);
/* Whether a word of its own may follow: --name VALUE. */
bool option_takes_value(const OptionRow *option);
/* "a, b or c" */
char *words_join(const char *const *words);
