/* Comparing rendered HBA files with those that servers have. */
#include "provisioner/plan/hba_plan.h"

#include <string.h>

#include "provisioner/catalog/hba_server.h"
#include "provisioner/findings.h"
#include "provisioner/hba_deploy/hba_role.h"
#include "provisioner/server/connection.h"

typedef struct Work {
    const HbaPlanInput *input;
    TargetPlan *plan;
    const Instance *connected; /* the one that input->session goes to; NULL: nobody knows */
} Work;

/*
 * A cluster-wide conninfo does not say which member it leads to. By host and port of the live
 * connection, since libpq takes whichever host of a list accepts.
 */
static const Instance *
connected_instance(const Cluster *cluster, const Session *session)
{
    const char *host = PQhost(session->connection);
    gint64 port = g_ascii_strtoll(PQport(session->connection), NULL, 10);

    if (cluster->instances.count == 1)
        return cluster->instances.items[0];
    LIST_FOREACH (const Instance, instance, &cluster->instances) {
        if (g_strcmp0(host, instance->address) == 0 && port == instance->port)
            return instance;
    }
    return NULL;
}

/* As a set: a rule that moved is neither new nor removed. */
static unsigned
count_missing(const List *lines, const List *from)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    unsigned missing = 0;

    LIST_FOREACH (char, line, from)
        g_hash_table_add(seen, line);
    LIST_FOREACH (const char, line, lines)
        missing += !g_hash_table_contains(seen, line);
    return missing;
}

/* "14 rules, 3 new, 1 removed" */
static const char *
summarize(Arena *arena, const List *wanted, const List *has)
{
    unsigned added = count_missing(wanted, has);
    unsigned removed = count_missing(has, wanted);
    const char *rules =
        wanted->count == 1 ? "1 rule" : arena_printf(arena, "%zu rules", wanted->count);

    if (hba_lines_equal(wanted, has))
        return arena_printf(arena, "%s, unchanged", rules);
    if (added == 0 && removed == 0)
        return arena_printf(arena, "%s, in a different order", rules);
    return arena_printf(arena, "%s, %u new, %u removed", rules, added, removed);
}

static void
add_step(Work *work, const HbaStep *hba, const HbaServer *server, Action action, const List *has)
{
    Arena *arena = work->input->arena;
    const List *steps = &work->plan->steps;
    const Step *last = steps->count == 0 ? NULL : steps->items[steps->count - 1];
    static const char *const ways[] = {
        [HBA_INSTALL_FILE] = "on this machine",
        [HBA_INSTALL_SERVER] = "over libpq",
        [HBA_INSTALL_PATRONI] = "by Patroni",
    };
    g_autofree char *sum = g_compute_checksum_for_data(
        G_CHECKSUM_SHA256, (const guchar *)server->bytes, server->length);
    Step *step = ARENA_NEW(arena, Step);

    *step = (Step){
        .seq = (unsigned)steps->count + 1,
        .phase = PHASE_HBA,
        .action = action,
        .kind = "hba",
        .name = hba->instance->name,
        .connect = "postgres",
        .file = server->hba_file,
        .transaction = last == NULL ? 1 : last->transaction + 1,
        .because = hba->instance->pos,
        .rests_on = arena_printf(arena, "sha256:%s", sum),
        .hba = hba,
    };
    step->summary =
        arena_printf(arena, "%s \"%s\" of %s %s: %s", action == ACTION_WRITE ? "write" : "load",
                     server->hba_file, hba->instance->name, ways[hba->method],
                     summarize(arena, &hba->wanted.lines, has));
    list_add(arena, &work->plan->steps, step);
}

static void
add_note(Work *work, const Instance *instance, const HbaServer *server, const HbaStep *hba,
         const List *has)
{
    if (hba_lines_equal(&hba->wanted.lines, has))
        return;
    findings_add(
        work->plan->notes, &FINDING_HBA_DIFFERS, instance->pos,
        arena_printf(
            work->input->arena,
            "hba diff -N %s shows who is affected; pg_hba_install, --hba or hba install changes "
            "the file",
            instance->name),
        "\"%s\" of instance \"%s\" would have %s", server->hba_file, instance->name,
        summarize(work->input->arena, &hba->wanted.lines, has));
}

/*
 * Rules are compared with Patroni, which writes comments of its own; files are compared byte by
 * byte, so that a changed comment is written, too.
 */
static bool
compare(Work *work, const Instance *instance, bool asked, const HbaServer *server, HbaStep *hba,
        GError **error)
{
    Arena *arena = work->input->arena;
    List has = hba_file_rule_lines(arena, server->bytes);
    bool differs = false;

    hba->instance = instance;
    hba->method =
        instance->hba_install == HBA_INSTALL_NONE ? HBA_INSTALL_FILE : instance->hba_install;
    if (!hba_renderings_make(work->input->renderings, instance, instance->role, &hba->wanted,
                             error))
        return false;
    if (!asked) {
        add_note(work, instance, server, hba, &has);
        return true;
    }
    hba_role_compare(instance, server->in_recovery, work->plan->notes);
    /* Patroni writes a head of its own over the rules. */
    if (hba->method == HBA_INSTALL_PATRONI)
        differs = !hba_lines_equal(&hba->wanted.lines, &has);
    else
        differs = hba->wanted.length != server->length ||
                  memcmp(hba->wanted.bytes, server->bytes, server->length) != 0;
    if (differs)
        add_step(work, hba, server, ACTION_WRITE, &has);
    else if (server->changed_since_load)
        add_step(work, hba, server, ACTION_RELOAD, &has);
    return true;
}

/*
 * An instance that cannot be reached is skipped with a note: the roles of the cluster can be
 * planned without it.
 */
static bool
look_at(Work *work, const Instance *instance, GError **error)
{
    const HbaPlanInput *input = work->input;
    bool asked = input->asked || instance->hba_install != HBA_INSTALL_NONE;
    /* A cluster's only instance is the one that the plan came from, however it is reached. */
    bool have_session =
        instance == work->connected && (!asked || instance->cluster->instances.count == 1);
    HbaStep *hba = ARENA_NEW(input->arena, HbaStep);
    g_autoptr(Session) own = NULL;
    g_autoptr(GError) reason = NULL;
    HbaServer server = { 0 };
    bool ok = false;

    if (!asked && !have_session && !input->look_at_all)
        return true;
    ok = connection_resolve_instance(input->arena, instance, input->conninfos, &hba->connection,
                                     &reason);
    if (ok && !have_session)
        own = session_open(&hba->connection, "postgres", &reason);
    ok = ok && (have_session || own != NULL) &&
         hba_server_read(input->arena, have_session ? input->session : own, &server, &reason);
    if (ok)
        return compare(work, instance, asked, &server, hba, error);
    if (asked || input->look_at_all)
        findings_add(work->plan->notes, &FINDING_HBA_INSTANCE_SKIPPED, instance->pos,
                     "set pg_conninfo on the host, or pass --conninfo INSTANCE=...",
                     "the HBA file of instance \"%s\" is skipped: %s", instance->name,
                     reason->message);
    return true;
}

bool
hba_plan_add(const HbaPlanInput *input, TargetPlan *plan, GError **error)
{
    Work work = {
        .input = input,
        .plan = plan,
        .connected = connected_instance(plan->cluster, input->session),
    };

    LIST_FOREACH (const Instance, instance, &input->instances) {
        if (instance->cluster == plan->cluster && !look_at(&work, instance, error))
            return false;
    }
    findings_sort(plan->notes);
    return true;
}
