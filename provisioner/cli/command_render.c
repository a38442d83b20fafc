/* pgcharter render: the files that instances get, into a folder or to stdout. */
#include <string.h>

#include "provisioner/cli/command.h"
#include "provisioner/hba_deploy/render_files.h"
#include "provisioner/hba_deploy/render_userlist.h"
#include "provisioner/server/connection.h"

#define ALL_KINDS (1u << RENDERED_PG_HBA | 1u << RENDERED_PGBOUNCER_HBA | 1u << RENDERED_USEROPTS)

static const unsigned kinds_of[RENDER_WORD_COUNT] = {
    [RENDER_HBA] = 1u << RENDERED_PG_HBA,
    [RENDER_PGBOUNCER] = 1u << RENDERED_PGBOUNCER_HBA,
    [RENDER_USEROPTS] = 1u << RENDERED_USEROPTS,
    [RENDER_USERLIST] = 0, /* by another way: it needs servers */
    [RENDER_ALL] = ALL_KINDS,
};

/* The argument is known to be one of the words. */
static RenderWord
read_word(const CommandContext *context)
{
    RenderWord word = 0;

    while (strcmp(render_words[word], context->argv[0]) != 0)
        word++;
    return word;
}

/*
 * The checksums describe files in a folder and mean nothing on stdout. A short write is an error,
 * because what is piped on may become a configuration.
 */
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
    return EXIT_CODE_ENVIRONMENT;
}

/* Loading the inventory has printed the first `printed` findings. */
static void
print_new_findings(CommandContext *context, size_t printed)
{
    g_autoptr(Findings) fresh = findings_new(context->arena);
    const List *all = &context->findings->items;
    const List rest = { .items = all->items + printed, .count = all->count - printed };

    if (rest.count == 0)
        return;
    findings_append(fresh, &(Findings){ .items = rest });
    command_print_findings(context, fresh, stderr);
}

/*
 * Clusters are asked one after the other; one that cannot be asked is reported, and the others go
 * on. Never to stdout: a verifier would end up in a terminal's history or in the log of a pipeline.
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

/*
 * Several instances on stdout would read as one file, in which the rules of the first hide those of
 * the others; hence the refusal without -d.
 */
int
command_render(CommandContext *context)
{
    const char *folder = context->options.folder;
    RenderWord word = read_word(context);
    const Inventory *inventory = NULL;
    List instances = { 0 };
    List files = { 0 };
    size_t printed = 0;
    RenderSummary summary = { 0 };
    GError *error = NULL;

    if (word != RENDER_USERLIST)
        context->inventory_flags |= INVENTORY_NO_CONNECTIONS;
    inventory = command_load_inventory(context);
    if (inventory == NULL)
        return context->exit_code;
    instances = command_select_instances(context, inventory);
    if (word == RENDER_USERLIST)
        return write_userlists(context, &instances, folder);
    if (folder == NULL && instances.count > 1)
        return command_fail_usage(
            context, "more than one instance is selected: give -d DIR, or -N INSTANCE");
    printed = context->findings->items.count;
    if (!render_files(context->arena, context->renderings, context->findings, &instances,
                      kinds_of[word], &files, &summary, &error))
        return command_fail(context, error);
    print_new_findings(context, printed);
    if (findings_has_errors(context->findings))
        return EXIT_CODE_INVENTORY;
    if (folder == NULL)
        return print_files(&files);
    if (!render_files_write(folder, &files, &summary, &error))
        return command_fail(context, error);
    if (command_verbosity(context) > 0)
        fprintf(stderr, "rendered %zu texts in %.1f ms, wrote %zu of %zu files\n", summary.texts,
                (double)summary.microseconds / 1000, summary.written, files.count);
    return EXIT_CODE_DONE;
}
