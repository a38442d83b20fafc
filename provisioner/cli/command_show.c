/* pgcharter show: the inventory resolved for the selected instances, a policy, or a saved plan. */
#include <string.h>

#include "base/suggest.h"
#include "inventory/decl/policy.h"
#include "inventory/load/show.h"
#include "provisioner/cli/command.h"
#include "provisioner/cli/show_plan.h"
#include "templates.h"

/*
 * Policies are templates among others; a name with a slash could reach one that is not a policy.
 * The text is printed with its comments, so that it can be saved and changed.
 */
static int
show_policy(CommandContext *context, const char *name)
{
    g_autofree char *path = g_strdup_printf("policies/%s.yml", name);
    const char *text = strchr(name, '/') == NULL ? template_text(path) : NULL;

    if (text == NULL) {
        g_autofree char *names = words_join(policy_builtin_names);
        const char *nearest = suggest_nearest(name, policy_builtin_names);

        return command_fail_usage_with_hint(
            context, arena_printf(context->arena, "built-in policy \"%s\" does not exist", name),
            nearest != NULL ? arena_printf(context->arena, "did you mean \"%s\"?", nearest)
                            : arena_printf(context->arena, "there are %s", names));
    }
    fputs(text, stdout);
    return EXIT_CODE_DONE;
}

int
command_show(CommandContext *context)
{
    g_autoptr(GString) out = g_string_new(NULL);
    const Inventory *inventory = NULL;
    List instances = { 0 };

    if (context->argc == 2 && strcmp(context->argv[0], "policy") == 0 &&
        context->options.plan_format == OPTION_NOT_GIVEN)
        return show_policy(context, context->argv[1]);
    if (context->argc == 1 && strcmp(context->argv[0], "policy") != 0)
        return show_plan_file(context, context->argv[0]);
    if (context->argc > 0)
        return command_fail_usage(context, "show takes no arguments, a saved plan, or \"policy\" "
                                           "and the name of one");
    if (context->options.plan_format != OPTION_NOT_GIVEN)
        return command_fail_usage(context, "--format goes with a saved plan");
    context->inventory_flags |= INVENTORY_NO_CONNECTIONS;
    inventory = command_load_inventory(context);
    if (inventory == NULL)
        return context->exit_code;
    instances = command_select_instances(context, inventory);
    LIST_FOREACH (const Instance, instance, &instances)
        instance_show(instance, out);
    fputs(out->str, stdout);
    return EXIT_CODE_DONE;
}
