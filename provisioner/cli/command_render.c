/* pgcharter render: the files that instances get, into a folder or to stdout. */
#include <string.h>

#include "provisioner/cli/command.h"
#include "provisioner/hba_deploy/render_files.h"
#include "provisioner/hba_deploy/render_userlist.h"
#include "provisioner/server/connection.h"

#define ALL_KINDS (1u << RENDERED_PG_HBA | 1u << RENDERED_PGBOUNCER_HBA | 1u << RENDERED_USEROPTS)

static const struct {
    const char *word;
    unsigned kinds;
} words[] = {
    { "hba", 1u << RENDERED_PG_HBA },
    { "pgbouncer", 1u << RENDERED_PGBOUNCER_HBA },
    { "useropts", 1u << RENDERED_USEROPTS },
    { "all", ALL_KINDS },
};

/* 0: not one of the words. */
static unsigned
read_kinds(const CommandContext *context)
{
    for (size_t i = 0; context->argc == 1 && i < G_N_ELEMENTS(words); i++) {
        if (strcmp(words[i].word, context->argv[0]) == 0)
            return words[i].kinds;
    }
    return 0;
}

static int
print_files(const List *files)
{
    bool ok = true;

    LIST_FOREACH (const RenderedFile, file, files) {
        if (file->kind != RENDERED_CHECKSUMS)
            ok = fwrite(file->bytes, 1, file->length, stdout) == file->length && ok;
    }
    if (fflush(stdout) == 0 && ok)
        return EXIT_CODE_DONE;
    fprintf(stderr, "pgcharter: error: cannot write to stdout\n");
    return EXIT_CODE_WORLD;
}

/* Loading the inventory has told what was found up to then. */
static void
print_new_findings(CommandContext *context, size_t told)
{
    g_autoptr(Findings) fresh = findings_new(context->arena);
    const List *all = &context->findings->items;
    const List rest = { .items = all->items + told, .count = all->count - told };

    if (rest.count == 0)
        return;
    findings_append(fresh, &(Findings){ .items = rest });
    command_print_findings(context, fresh, stderr);
}

/* Clusters are asked one after the other; one that cannot be asked is told, and the others go on.
 */
static int
write_userlists(CommandContext *context, const List *instances, const char *folder)
{
    List files = { 0 };
    RenderSummary summary = { 0 };
    GError *error = NULL;
    int code = EXIT_CODE_DONE;

    if (folder == NULL)
        return command_fail_usage(
            context, "render userlist needs -d DIR: verifiers are never written to stdout");
    LIST_FOREACH (const Instance, instance, instances) {
        g_autoptr(Session) session = NULL;
        ConnectionParameters parameters = { 0 };

        if (!connection_resolve(context->arena, instance->cluster, context->options.conninfos,
                                &parameters, &error) ||
            (session = session_open(&parameters, "postgres", &error)) == NULL ||
            !render_userlist(context->arena, context->findings, session, instance, &files, &error))
            code = exit_code_worse(code, command_fail(context, g_steal_pointer(&error)));
    }
    command_print_findings(context, context->findings, stderr);
    if (!render_files_write(folder, &files, &summary, &error))
        return command_fail(context, error);
    return code;
}

int
command_render(CommandContext *context)
{
    g_autofree char *folder = NULL;
    const GOptionEntry entries[] = {
        { "directory", 'd', 0, G_OPTION_ARG_FILENAME, &folder,
          "write INSTANCE.pg_hba.conf, INSTANCE.pgb_hba.conf, INSTANCE.useropts.txt and "
          "INSTANCE.sha256 into DIR",
          "DIR" },
        { 0 },
    };
    const Inventory *inventory = NULL;
    List instances = { 0 };
    List files = { 0 };
    bool userlist = false;
    unsigned kinds = 0;
    size_t told = 0;
    RenderSummary summary = { 0 };
    GError *error = NULL;

    if (!command_parse(context, entries))
        return context->exit_code;
    userlist = context->argc == 1 && strcmp(context->argv[0], "userlist") == 0;
    kinds = read_kinds(context);
    if (kinds == 0 && !userlist)
        return command_fail_usage(context,
                                  "render takes one of hba, pgbouncer, useropts, userlist and all");
    inventory = command_load_inventory(context);
    if (inventory == NULL)
        return context->exit_code;
    instances = command_select_instances(context, inventory);
    if (userlist)
        return write_userlists(context, &instances, folder);
    if (folder == NULL && instances.count > 1)
        return command_fail_usage(
            context, "more than one instance is selected: give -d DIR, or -N INSTANCE");
    told = context->findings->items.count;
    if (!render_files(context->arena, context->findings, &instances, kinds, &files, &summary,
                      &error))
        return command_fail(context, error);
    print_new_findings(context, told);
    if (findings_has_errors(context->findings))
        return EXIT_CODE_INVENTORY;
    if (folder == NULL)
        return print_files(&files);
    if (!render_files_write(folder, &files, &summary, &error))
        return command_fail(context, error);
    if (context->options.verbosity > 0)
        fprintf(stderr, "rendered %zu texts in %.1f ms, wrote %zu of %zu files\n", summary.texts,
                (double)summary.microseconds / 1000, summary.written, files.count);
    return EXIT_CODE_DONE;
}
