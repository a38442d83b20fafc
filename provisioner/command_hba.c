/* pgcharter hba VERB: hands over to the verb. */
#include <string.h>

#include "base/error.h"
#include "provisioner/hba_commands.h"

typedef struct HbaVerb {
    const char *name;
    int (*run)(CommandContext *context);
} HbaVerb;

static const HbaVerb verbs[] = {
    { "test", hba_command_test },
};

int
command_hba(CommandContext *context)
{
    for (int i = 0; i < context->argc; i++) {
        for (size_t j = 0; j < G_N_ELEMENTS(verbs); j++) {
            if (strcmp(context->argv[i], verbs[j].name) != 0)
                continue;
            memmove(&context->argv[i], &context->argv[i + 1],
                    (size_t)(context->argc - i - 1) * sizeof *context->argv);
            context->argc--;
            context->command = arena_printf(context->arena, "hba %s", verbs[j].name);
            return verbs[j].run(context);
        }
        if (context->argv[i][0] != '-')
            break;
    }
    return command_fail(context, g_error_new_literal(PGCHARTER_ERROR, PGCHARTER_ERROR_USAGE,
                                                     "hba takes a verb: test"));
}
