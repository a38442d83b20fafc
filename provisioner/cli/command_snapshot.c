/* pgcharter snapshot: the access state of servers, as files for plan --state. */
#include <string.h>

#include "base/durable_file.h"
#include "base/error.h"
#include "provisioner/cli/command.h"
#include "provisioner/cli/run_report.h"
#include "provisioner/plan/snapshot.h"
#include "roles/state/state_text.h"

typedef struct Snapshots {
    PlanRun *run;
    const CommandOptions *options;
    GString **documents; /* one for each target; NULL where there is none */
    int code;
} Snapshots;

/*
 * One session for the whole state; the other databases are opened by snapshot_take() with the same
 * parameters.
 */
static bool
take(const Snapshots *snapshots, TargetRun *target, Findings *notes, GString *out, GError **error)
{
    const PlanRun *run = target->run;
    g_autoptr(Session) session = NULL;
    SnapshotInput input = {
        .arena = target->arena,
        .cluster = target->cluster,
        .today = &run->today,
        .all_databases = snapshots->options->all_databases,
        .notes = notes,
    };

    if (!plan_run_connection(target, &input.connection, error))
        return false;
    session = session_open(&input.connection, "postgres", error);
    return session != NULL && snapshot_take(&input, session, out, error);
}

/*
 * A standby cluster's catalogs are its upstream's, and nothing is ever planned for it. Runs in
 * parallel with other targets, so it writes to the buffer and to its own slot only.
 */
static void
work_on(size_t at, void *data)
{
    Snapshots *snapshots = data;
    TargetRun *target = &snapshots->run->targets[at];
    g_autoptr(Findings) notes = findings_new(target->arena);
    g_autoptr(GString) out = g_string_new(NULL);
    GError *error = NULL;

    if (target->cluster->upstream != NULL) {
        output_buffer_printf(target->output, OUTPUT_DIAGNOSTIC,
                             "%s: skipped, it is a standby cluster of \"%s\"\n",
                             target->cluster->name, target->cluster->upstream);
        return;
    }
    if (take(snapshots, target, notes, out, &error))
        snapshots->documents[at] = g_steal_pointer(&out);
    else
        target->code = plan_run_fail(target, error);
    target->run->events->found(target->run->events->data, target, notes);
}

/*
 * To a file, a file of the folder, or stdout. With mode 0600 and at once: a state lists roles and
 * privileges, and half of one must not look complete.
 */
static bool
write_document(const CommandOptions *options, const Cluster *cluster, const GString *document,
               GError **error)
{
    g_autofree char *in_folder = NULL;
    const char *path = options->state_file;

    if (options->state_folder != NULL)
        path = in_folder =
            g_strdup_printf("%s/%s%s", options->state_folder, cluster->name, STATE_FILE_SUFFIX);
    if (path != NULL)
        return durable_file_write_output(path, document->str, document->len, 0600, error);
    /* main() asks whether stdout took all of it. */
    fwrite(document->str, 1, document->len, stdout);
    return true;
}

/* In the order of the clusters, which makes the output of two runs comparable. */
static void
finish(size_t at, void *data)
{
    Snapshots *snapshots = data;
    TargetRun *target = &snapshots->run->targets[at];
    GError *error = NULL;

    if (snapshots->documents[at] != NULL &&
        !write_document(snapshots->options, target->cluster, snapshots->documents[at], &error))
        target->code = plan_run_fail(target, error);
    output_buffer_flush(target->output);
    snapshots->code = exit_code_worse(snapshots->code, target->code);
}

/* Two documents on stdout would not be one valid file. */
static bool
check_options(CommandContext *context, const PlanRun *run)
{
    const CommandOptions *options = &context->options;

    if (options->state_file != NULL && options->state_folder != NULL)
        return command_refuse_usage(context, "-o FILE cannot be combined with -d DIR");
    return run->clusters.count == 1 || options->state_folder != NULL ||
           command_refuse_usage(context, "a state is of one cluster: select it with -N, or write a "
                                         "file for each with -d DIR");
}

int
command_snapshot(CommandContext *context)
{
    const RunOptions options = run_report_options(context);
    g_auto(PlanRun) run = { 0 };
    g_auto(RunReport) report;
    Snapshots snapshots = { .run = &run, .options = &context->options, .code = EXIT_CODE_DONE };

    run_report_init(&report, context);
    if (!run_report_begin(&report, context, &options, NULL, &run) || !check_options(context, &run))
        return context->exit_code;
    snapshots.documents = g_new0(GString *, run.clusters.count);
    plan_run_each(&run, work_on, finish, &snapshots);
    for (size_t i = 0; i < run.clusters.count; i++) {
        if (snapshots.documents[i] != NULL)
            g_string_free(snapshots.documents[i], TRUE);
    }
    g_free(snapshots.documents);
    return snapshots.code;
}
