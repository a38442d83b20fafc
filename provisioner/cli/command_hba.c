/* pgcharter hba VERB: hands over to the verb. */
#include <string.h>

#include "provisioner/cli/hba_commands.h"

typedef struct HbaVerb {
    const char *name;
    int (*run)(CommandContext *context);
} HbaVerb;

static const HbaVerb verbs[] = {
    { "lint", hba_command_lint },     { "test", hba_command_test },
    { "diff", hba_command_diff },     { "install", hba_command_install },
    { "import", hba_command_import },
};

int
command_hba(CommandContext *context)
{
    int at = command_find_word(context->argc, context->argv);

    for (size_t i = 0; at < context->argc && i < G_N_ELEMENTS(verbs); i++) {
        if (strcmp(context->argv[at], verbs[i].name) != 0)
            continue;
        memmove(&context->argv[at], &context->argv[at + 1],
                (size_t)(context->argc - at - 1) * sizeof *context->argv);
        context->argc--;
        context->command = arena_printf(context->arena, "hba %s", verbs[i].name);
        return verbs[i].run(context);
    }
    return command_fail_usage(context, "hba takes a verb: lint, test, diff, install or import");
}
