/* The program: reads the command line, then runs the command. */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "provisioner/cli/command.h"
#include "provisioner/cli/help.h"

/* The same text for --help and for a call without arguments; only the stream differs. */
static int
print_help(const CommandRow *command, FILE *stream)
{
    g_autoptr(GString) out = g_string_new(NULL);

    if (command == &command_rows[COMMAND_HELP])
        help_render_overview(out);
    else
        help_render_command(command, out);
    fputs(out->str, stream);
    return EXIT_CODE_DONE;
}

static int
run(Arena *arena, const CommandLine *line)
{
    g_autoptr(Findings) findings = findings_new(arena);
    CommandContext context = {
        .arena = arena,
        .findings = findings,
        .command = line->command,
        .options = line->options,
        .argc = line->argc,
        .argv = line->argv,
    };
    int exit_code =
        line->options.help ? print_help(line->command, stdout) : line->command->run(&context);

    g_clear_pointer(&context.renderings, hba_renderings_free);
    /* Unflushed output (a full disk, a closed pipe) must not exit 0. */
    if ((fflush(stdout) != 0 || ferror(stdout) != 0) &&
        (exit_code == EXIT_CODE_DONE || exit_code == EXIT_CODE_PENDING)) {
        fputs("pgcharter: error: cannot write to stdout\n", stderr);
        exit_code = EXIT_CODE_ENVIRONMENT;
    }
    return exit_code;
}

/*
 * A stream that the caller has closed (>&-) would be the number of the next file or socket that is
 * opened, and what is printed would be written into it. From now on stdout is a file that cannot be
 * written, so that the loss is noticed.
 */
static void
occupy_closed_streams(void)
{
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++) {
        if (fcntl(stream, F_GETFD) < 0)
            open("/dev/null", stream == STDOUT_FILENO ? O_RDONLY : O_RDWR);
    }
}

/*
 * Passwords are in memory, so no core is dumped. The server's time zone and date style decide what
 * a timestamp of the inventory means; libpq would send the caller's instead (PGTZ, PGDATESTYLE:
 * the manual, "Environment Variables" of libpq).
 */
static void
prepare_process(void)
{
    const struct rlimit none = { 0, 0 };

    occupy_closed_streams();
    setlocale(LC_CTYPE, "");
    setrlimit(RLIMIT_CORE, &none);
    /* A log that may not grow is an error of its write(); the signal would end the run. */
    signal(SIGXFSZ, SIG_IGN);
    g_unsetenv("PGTZ");
    g_unsetenv("PGDATESTYLE");
}

/*
 * Without arguments the overview goes to stderr with a usage error: nothing was asked for, and a
 * script must not take that for success.
 */
int
main(int argc, char *argv[])
{
    g_autoptr(Arena) arena = arena_new();
    CommandLine line;
    CommandLineError error;

    prepare_process();
    if (argc < 2) {
        print_help(&command_rows[COMMAND_HELP], stderr);
        return EXIT_CODE_USAGE;
    }
    if (command_line_parse(arena, argc, argv, &line, &error))
        return run(arena, &line);
    command_print_usage_error(error.message, error.hint);
    return EXIT_CODE_USAGE;
}
