/* The program: finds the command's name, then hands over. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "provisioner/cli/command.h"

typedef struct CommandRow {
    const char *name;
    int (*run)(CommandContext *context);
    const char *arguments;
    const char *summary;
} CommandRow;

static const CommandRow command_rows[] = {
#define COMMAND(name, function, arguments, summary) { name, function, arguments, summary },
#include "provisioner/cli/commands.def"
#undef COMMAND
};

static void
print_help(FILE *stream)
{
    fputs("Usage: pgcharter [-i PATH]... [OPTION]... COMMAND [ARGUMENT]...\n\n"
          "Keeps access to PostgreSQL servers as one declaration.\n\nCommands:\n",
          stream);
    for (size_t i = 0; i < G_N_ELEMENTS(command_rows); i++)
        fprintf(stream, "  %-10s %s\n", command_rows[i].name, command_rows[i].summary);
    fputs("\npgcharter COMMAND --help lists the options of a command and of all commands.\n"
          "Exit codes: 0 done; 1 the world failed; 2 changes pending; 3 the inventory has errors;\n"
          "4 a safety rule refused; 64 usage.\n",
          stream);
}

static const CommandRow *
find_command(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(command_rows); i++) {
        if (strcmp(command_rows[i].name, name) == 0)
            return &command_rows[i];
    }
    return NULL;
}

static int
run(int argc, char *argv[], int at, const CommandRow *row)
{
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(Findings) findings = findings_new(arena);
    CommandContext context = {
        .arena = arena,
        .findings = findings,
        .command = row->name,
        .argc = argc > 2 ? argc - 2 : 0,
        .argv = ARENA_NEW_ARRAY(arena, char *, (size_t)argc),
    };
    int exit_code = EXIT_CODE_DONE;
    int count = 0;

    for (int i = 1; i < argc; i++) {
        if (i != at)
            context.argv[count++] = argv[i];
    }
    exit_code = row->run(&context);
    /* A result that did not arrive, as on a full disk, is no success. */
    if ((fflush(stdout) != 0 || ferror(stdout) != 0) &&
        (exit_code == EXIT_CODE_DONE || exit_code == EXIT_CODE_PENDING)) {
        fprintf(stderr, "pgcharter: error: cannot write to stdout\n");
        exit_code = EXIT_CODE_WORLD;
    }
    g_strfreev(context.options.inventories);
    g_strfreev(context.options.conninfos);
    g_strfreev(context.options.nodes);
    g_strfreev(context.options.roles);
    g_strfreev(context.options.envs);
    g_free(context.options.log);
    g_free(context.options.color);
    return exit_code;
}

/*
 * Passwords go through memory, so no core is dumped. The server's time zone and date style decide
 * what a timestamp of the inventory means, and libpq would replace them by the caller's.
 */
static void
prepare_process(void)
{
    const struct rlimit none = { 0, 0 };

    setlocale(LC_CTYPE, "");
    setrlimit(RLIMIT_CORE, &none);
    g_unsetenv("PGTZ");
    g_unsetenv("PGDATESTYLE");
}

int
main(int argc, char *argv[])
{
    const CommandRow *row = NULL;
    int at = 0;

    prepare_process();
    at = 1 + command_find_word(argc - 1, argv + 1);
    if (at == argc) {
        for (int i = 1; i < argc; i++) {
            if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
                print_help(stdout);
                return EXIT_CODE_DONE;
            }
            if (strcmp(argv[i], "--version") == 0)
                return run(1, argv, 0, find_command("version"));
        }
        print_help(stderr);
        return EXIT_CODE_USAGE;
    }
    row = find_command(argv[at]);
    if (row == NULL) {
        fprintf(stderr,
                "pgcharter: error: unknown command \"%s\"\n"
                "  hint: pgcharter --help lists the commands\n",
                argv[at]);
        return EXIT_CODE_USAGE;
    }
    return run(argc, argv, at, row);
}
