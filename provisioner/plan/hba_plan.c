/* Comparing rendered HBA files with those that servers have. */
#include "provisioner/plan/hba_plan.h"

#include "provisioner/catalog/hba_server.h"
#include "provisioner/findings.h"
#include "provisioner/hba_deploy/hba_preview.h"
#include "provisioner/hba_deploy/hba_role.h"
#include "provisioner/server/connection.h"

/*
 * Old and new rules together, up to which a plan compares them by meaning: cutting scattered rules
 * into boxes takes seconds beyond it, and a plan is made twice in an apply.
 */
#define COMPARED_RULES_MAX 300

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

/* One instance, with its server at hand. */
typedef struct Look {
    const Instance *instance;
    Session *session;
    HbaServer server;
    HbaStep *hba;
    List wants; /* hba_rule_keys() */
    List has;
    bool has_more;       /* than `has`: lines that cannot be read */
    const char *refused; /* lines that the server does not take; NULL: there are none */
} Look;

static Step *
add_step(Work *work, const Look *look, Action action)
{
    Arena *arena = work->input->arena;
    const HbaStep *hba = look->hba;
    const List *steps = &work->plan->steps;
    const Step *last = steps->count == 0 ? NULL : steps->items[steps->count - 1];
    static const char *const ways[] = {
        [HBA_INSTALL_FILE] = "on this machine",
        [HBA_INSTALL_SERVER] = "over libpq",
        [HBA_INSTALL_PATRONI] = "by Patroni",
    };
    g_autofree char *sum = g_compute_checksum_for_data(
        G_CHECKSUM_SHA256, (const guchar *)look->server.bytes, look->server.length);
    Step *step = ARENA_NEW(arena, Step);

    *step = (Step){
        .seq = (unsigned)steps->count + 1,
        .phase = PHASE_HBA,
        .action = action,
        .kind = "hba",
        .name = hba->instance->name,
        .connect = "postgres",
        .file = look->server.hba_file,
        .transaction = last == NULL ? 1 : last->transaction + 1,
        .because = hba->instance->pos,
        .rests_on = arena_printf(arena, "sha256:%s", sum),
        .hba = hba,
    };
    step->summary =
        arena_printf(arena, "%s \"%s\" of %s %s: %s", action == ACTION_WRITE ? "write" : "load",
                     look->server.hba_file, hba->instance->name, ways[hba->method],
                     summarize(arena, &look->wants, &look->has));
    list_add(arena, &work->plan->steps, step);
    return step;
}

/* What comes of writing the file: the meaning, the sessions of now, the copy of the old file. */
static bool
describe_write(Work *work, const Look *look, Step *step, GError **error)
{
    Arena *arena = work->input->arena;
    const HbaPreviewInput input = {
        .arena = arena,
        .instance = look->instance,
        .wanted = &look->hba->wanted,
        .method = look->hba->method,
        .session = look->session,
        .server = &look->server,
        .compared_max = COMPARED_RULES_MAX,
        .findings = work->plan->notes,
    };
    HbaPreview preview = { 0 };

    if (!hba_preview_make(&input, &preview, error))
        return false;
    step->details = preview.lines;
    return true;
}

static void
add_note(Work *work, const Look *look)
{
    if (hba_lines_equal(&look->wants, &look->has))
        return;
    findings_add(
        work->plan->notes, &FINDING_HBA_DIFFERS, look->instance->pos,
        arena_printf(
            work->input->arena,
            "hba diff -N %s shows who is affected; pg_hba_install, --hba or hba install changes "
            "the file",
            look->instance->name),
        "\"%s\" of instance \"%s\" would have %s", look->server.hba_file, look->instance->name,
        summarize(work->input->arena, &look->wants, &look->has));
}

/* Whatever the inventory says, such a server does not come up again. */
static void
note_refused_file(Work *work, const Look *look)
{
    if (look->refused != NULL)
        findings_add(work->plan->notes, &FINDING_HBA_FILE_REFUSED, look->instance->pos,
                     "until it is mended the server keeps the rules that it has loaded, and cannot "
                     "be restarted",
                     "the server of instance \"%s\" refuses its HBA file \"%s\": %s",
                     look->instance->name, look->server.hba_file, look->refused);
}

/* The keys of both sides, as the server reads them. */
static void
read_rules(const Work *work, Look *look)
{
    Arena *arena = work->input->arena;
    const HbaRendering *wanted = &look->hba->wanted;
    const HbaInstalled has = hba_installed_read(arena, look->session, &look->server);
    const HbaInstalled wants =
        hba_installed_parse(arena, look->session, &look->server, wanted->bytes, wanted->length);

    look->has = hba_rule_keys(arena, &has.rules);
    look->has_more = has.broken != NULL;
    look->wants = hba_rule_keys(arena, &wants.rules);
}

/*
 * Rules are compared, not bytes: a file that only has other blanks, quotes or comments lets in the
 * same people. A file that the server refuses is never one without changes.
 */
static bool
add_asked(Work *work, const Look *look, GError **error)
{
    hba_role_compare(look->instance, look->server.in_recovery, work->plan->notes);
    hba_version_compare(look->instance, &look->server, work->plan->notes);
    if (look->has_more || !hba_lines_equal(&look->wants, &look->has))
        return describe_write(work, look, add_step(work, look, ACTION_WRITE), error);
    if (look->server.changed_since_load || look->refused != NULL)
        add_step(work, look, ACTION_RELOAD);
    return true;
}

static bool
compare(Work *work, Look *look, bool asked, GError **error)
{
    const Instance *instance = look->instance;
    HbaStep *hba = look->hba;

    hba->instance = instance;
    hba->method =
        instance->hba_install == HBA_INSTALL_NONE ? HBA_INSTALL_FILE : instance->hba_install;
    if (!hba_renderings_make(work->input->renderings, instance, instance->role, &hba->wanted,
                             error))
        return false;
    read_rules(work, look);
    note_refused_file(work, look);
    if (asked)
        return add_asked(work, look, error);
    add_note(work, look);
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
    Look look = { .instance = instance, .hba = ARENA_NEW(input->arena, HbaStep) };
    g_autoptr(Session) own = NULL;
    g_autoptr(GError) reason = NULL;
    bool ok = false;

    if (!asked && !have_session && !input->look_at_all)
        return true;
    ok = connection_resolve_instance(input->arena, instance, input->conninfos,
                                     &look.hba->connection, &reason);
    if (ok && !have_session)
        own = session_open(&look.hba->connection, "postgres", &reason);
    look.session = have_session ? input->session : own;
    ok = ok && look.session != NULL &&
         hba_server_read(input->arena, look.session, &look.server, &reason) &&
         (!asked || hba_server_may_replace(look.session, &look.server, &reason)) &&
         hba_server_refused_lines(input->arena, look.session, &look.refused, &reason);
    if (ok)
        return compare(work, &look, asked, error);
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
