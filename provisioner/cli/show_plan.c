/* Formats of a plan, and the plan that `plan -o` saved. */
#include "provisioner/cli/show_plan.h"

#include <fnmatch.h>

#include "provisioner/output/plan_format.h"
#include "provisioner/saved/saved_plan.h"

void
show_plan_render(const CommandOptions *options, const Plan *plan, PlanTextStyle style, GString *out)
{
    switch (option_or(options->plan_format, PLAN_FORMAT_TEXT)) {
    case PLAN_FORMAT_JSON:
        plan_render_json(plan, out);
        break;
    case PLAN_FORMAT_MARKDOWN:
        plan_render_markdown(plan, out);
        break;
    case PLAN_FORMAT_SQL:
        plan_render_sql(
            plan, options->with_verifiers ? PLAN_SECRETS_VERIFIERS : PLAN_SECRETS_HIDDEN, out);
        break;
    default:
        plan_render_text(plan, style, out);
    }
}

bool
show_plan_check_format(CommandContext *context, size_t targets)
{
    return context->options.plan_format != PLAN_FORMAT_SQL || targets <= 1 ||
           command_refuse_usage(
               context, "--format sql is a script for one server: select a cluster with -N");
}

/* As -N elsewhere, but of the names that the file has: it says nothing of hosts. */
static bool
is_selected(char *const *globs, const TargetPlan *target)
{
    for (; *globs != NULL; globs++) {
        if (fnmatch(*globs, target->cluster->name, 0) == 0)
            return true;
        LIST_FOREACH (const Instance, instance, &target->instances) {
            if (fnmatch(*globs, instance->name, 0) == 0)
                return true;
        }
    }
    return false;
}

/* The clusters that failed are named in their order, which is not that of the plans. */
static Plan
select_targets(Arena *arena, const Plan *plan, char *const *globs)
{
    Plan selected = { .mode = plan->mode, .findings = plan->findings };

    if (globs == NULL)
        return *plan;
    LIST_FOREACH (const TargetPlan, target, &plan->targets) {
        if (is_selected(globs, target))
            list_add(arena, &selected.targets, target);
    }
    return selected;
}

/* A damaged file is a mistake in what was given, as an inventory's is: nothing was to be applied.
 */
int
show_plan_file(CommandContext *context, const char *path)
{
    const CommandOptions *options = &context->options;
    g_autoptr(GString) out = g_string_new(NULL);
    GError *error = NULL;
    const SavedPlan *saved = NULL;
    Plan plan;

    if (options->roles != NULL || options->envs != NULL)
        return command_fail_usage(context, "a saved plan names clusters and instances: select "
                                           "them with -N, not with -R or -E");
    saved = saved_plan_read(context->arena, path, SAVED_PLAN_TO_SHOW, context->findings, &error);
    if (error != NULL)
        return command_fail(context, error);
    if (saved == NULL) {
        command_print_findings(context, context->findings, stderr);
        return EXIT_CODE_INVENTORY;
    }
    plan = select_targets(context->arena, &saved->plan, options->nodes);
    if (options->nodes != NULL && plan.targets.count == 0)
        return command_fail_usage(context, "no cluster of the saved plan matches -N");
    if (!show_plan_check_format(context, plan.targets.count))
        return context->exit_code;
    show_plan_render(options, &plan, command_plan_style(context, stdout), out);
    fwrite(out->str, 1, out->len, stdout);
    return EXIT_CODE_DONE;
}
