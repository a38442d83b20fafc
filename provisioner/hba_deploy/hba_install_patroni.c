/* One list for all members: changed, awaited, tried, and changed back. */
#include "provisioner/hba_deploy/hba_install_patroni.h"

#include "base/error.h"
#include "provisioner/hba_deploy/hba_guards.h"
#include "provisioner/hba_deploy/patroni.h"
#include "provisioner/server/apply_lock.h"

#define POLL_US 100000
/* What a member may need beyond the two rounds of its loop. */
#define PATIENCE_SECONDS 10

/* A member while the rules are being changed. */
typedef struct Seat {
    const HbaMember *member;
    Session *session;
    HbaServer server; /* as it was before */
    bool arrived;     /* its file has the awaited rules */
} Seat;

typedef struct Work {
    const HbaPatroniInput *input;
    const List *lines; /* of every member */
    List seats;        /* Seat */
    const char *url;   /* of the Patroni that answers */
    PatroniConfig before;
} Work;

static void
work_clear(Work *work)
{
    LIST_FOREACH (Seat, seat, &work->seats)
        session_close(seat->session);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Work, work_clear)

static bool
members_agree(const HbaPatroniInput *input, GError **error)
{
    const HbaMember *first = input->members.items[0];

    LIST_FOREACH (const HbaMember, member, &input->members) {
        const List *left = &first->wanted.lines;
        const List *right = &member->wanted.lines;
        size_t at = hba_lines_differ_at(left, right);

        if (hba_lines_equal(left, right))
            continue;
        g_set_error(
            error, PGCHARTER_ERROR, PGCHARTER_ERROR_SAFETY,
            "cluster \"%s\": Patroni has one list of rules for all members, and those of "
            "%s and %s differ, first in rule %zu: \"%s\" and \"%s\"; nothing was changed "
            "(the method file, with hba install --callback as Patroni's on_role_change, has "
            "rules by role)",
            input->cluster->name, first->instance->name, member->instance->name, at + 1,
            at < left->count ? (const char *)left->items[at] : "",
            at < right->count ? (const char *)right->items[at] : "");
        return false;
    }
    return true;
}

/*
 * Each member is locked, read and checked before the shared list changes: afterwards Patroni writes
 * the files on its own schedule, and no single member could be held back.
 */
static bool
take_seat(Work *work, const HbaMember *member, GError **error)
{
    const HbaPatroniInput *input = work->input;
    Seat *seat = ARENA_NEW(input->arena, Seat);
    HbaInstalled wanted = { 0 };
    HbaGuardInput guards = {
        .arena = input->arena,
        .instance = member->instance,
        .rules = &wanted.rules,
        .server = &seat->server,
        .allow_lockout = input->allow_lockout,
        .notes = input->notes,
    };

    seat->member = member;
    list_add(input->arena, &work->seats, seat);
    guards.session = seat->session = session_open(&member->connection, "postgres", error);
    if (seat->session == NULL ||
        !apply_lock_take(input->arena, seat->session, input->wait_seconds, error) ||
        !hba_server_read(input->arena, seat->session, &seat->server, error) ||
        !hba_server_may_replace(seat->session, &seat->server, error))
        return false;
    wanted = hba_installed_from(input->arena, seat->session, &seat->server, member->instance,
                                &member->wanted);
    return hba_guards_pass(&guards, error);
}

/*
 * The configuration is one for the cluster (in etcd, Consul or the like), so any member can answer.
 */
static bool
read_config(Work *work, GError **error)
{
    g_autoptr(GError) failure = NULL;

    LIST_FOREACH (const HbaMember, member, &work->input->members) {
        g_clear_error(&failure);
        if (patroni_read_config(work->input->arena, member->url, &work->before, &failure)) {
            work->url = member->url;
            return true;
        }
    }
    g_propagate_prefixed_error(error, g_steal_pointer(&failure),
                               "cluster \"%s\": no Patroni answers: ", work->input->cluster->name);
    return false;
}

/*
 * The first list changes who owns pg_hba.conf on every member, which cannot be undone by removing
 * the list: Patroni then leaves the files as they are.
 */
static bool
may_change(const Work *work, GError **error)
{
    if (work->before.has_rules || work->input->take_over)
        return true;
    g_set_error(error, PGCHARTER_ERROR, PGCHARTER_ERROR_SAFETY,
                "cluster \"%s\": Patroni's dynamic configuration has no postgresql.pg_hba yet: "
                "with one, Patroni writes pg_hba.conf on every member from then on; nothing was "
                "changed (--take-over confirms it)",
                work->input->cluster->name);
    return false;
}

/*
 * Waits until the files of all members have these rules; each seat then says whether its file has
 * them. Patroni applies a changed configuration within one loop_wait on the leader and one more on
 * the others.
 */
static bool
await(Work *work, const List *lines, GError **error)
{
    gint64 seconds = 2 * work->before.loop_wait + PATIENCE_SECONDS;
    gint64 deadline = g_get_monotonic_time() + seconds * G_USEC_PER_SEC;

    for (;;) {
        bool all = true;

        LIST_FOREACH (Seat, seat, &work->seats) {
            g_autoptr(Arena) arena = arena_new();
            HbaServer now = { 0 };
            List has = { 0 };

            if (!hba_server_read(arena, seat->session, &now, error))
                return false;
            has = hba_file_rule_lines(arena, now.bytes);
            seat->arrived = hba_lines_equal(&has, lines);
            all = all && seat->arrived;
        }
        if (all || g_get_monotonic_time() >= deadline)
            return true;
        g_usleep(POLL_US);
    }
}

/*
 * Patroni reloads by itself, but does not look whether the server accepted the lines: each server
 * is asked, and a new connection is made.
 */
static bool
load_where_arrived(Work *work, GError **error)
{
    LIST_FOREACH (Seat, seat, &work->seats) {
        const HbaInstallInput input = {
            .arena = work->input->arena,
            .allow_lockout = work->input->allow_lockout,
            .connection = seat->member->connection,
        };

        if (seat->arrived && !hba_install_load(&input, seat->session, error))
            return false;
    }
    return true;
}

/* Over libpq: Patroni has no way to write a file that is not its own. */
static HbaReplacement
replacement_of(const Work *work, const Seat *seat)
{
    return (HbaReplacement){
        .arena = work->input->arena,
        .method = HBA_INSTALL_SERVER,
        .session = seat->session,
        .server = &seat->server,
    };
}

/* Without a list before, Patroni leaves the files as they are: the old bytes go over them. */
static bool
put_old_bytes(Work *work, GError **error)
{
    if (!patroni_write_rules(work->url, NULL, error))
        return false;
    LIST_FOREACH (Seat, seat, &work->seats) {
        const HbaReplacement replacement = replacement_of(work, seat);

        if (!hba_replace_undo(&replacement, error))
            return false;
    }
    return true;
}

/*
 * The wait is the same on the way back: without it the message could claim rules that are not in
 * force yet.
 */
static bool
put_back(Work *work, GError **error)
{
    if (work->before.has_rules) {
        if (!patroni_write_rules(work->url, &work->before.lines, error) ||
            !await(work, &work->before.lines, error))
            return false;
    } else if (!put_old_bytes(work, error)) {
        return false;
    }
    LIST_FOREACH (Seat, seat, &work->seats) {
        if (!hba_server_reload(seat->session, error))
            return false;
    }
    return true;
}

/* Both outcomes say what the state is now, because whoever reads the message has to act on it. */
static bool
restore(Work *work, GError **error)
{
    const char *cluster = work->input->cluster->name;
    g_autoptr(GError) failure = NULL;

    if (put_back(work, &failure))
        g_prefix_error(error, "cluster \"%s\": the old rules are back in force: ", cluster);
    else
        g_prefix_error(error, "cluster \"%s\": the old rules could NOT be restored (%s): ", cluster,
                       failure->message);
    return false;
}

/*
 * A member that keeps its own list is reported, not rolled back: the others have the reviewed
 * rules, and its own list was there before.
 */
static bool
everybody_has_them(const Work *work, GError **error)
{
    g_autoptr(GString) names = g_string_new(NULL);

    LIST_FOREACH (const Seat, seat, &work->seats) {
        if (!seat->arrived)
            g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "",
                                   seat->member->instance->name);
    }
    if (names->len == 0)
        return true;
    g_set_error(
        error, PGCHARTER_ERROR, PGCHARTER_ERROR_WORLD,
        "cluster \"%s\": %s did not take the rules of the dynamic configuration within %d "
        "seconds, the other members did: a list postgresql.pg_hba in a member's own Patroni "
        "YAML overrides it; remove it there and reload Patroni",
        work->input->cluster->name, names->str, 2 * work->before.loop_wait + PATIENCE_SECONDS);
    return false;
}

/*
 * Unchanged only if the list, every file and every server agree; a list without a reload, or with
 * lines that a server refuses, is what a run that was killed leaves behind.
 */
static bool
is_in_force(const Work *work)
{
    if (!work->before.has_rules || !hba_lines_equal(&work->before.lines, work->lines))
        return false;
    LIST_FOREACH (const Seat, seat, &work->seats) {
        List has = hba_file_rule_lines(work->input->arena, seat->server.bytes);

        if (!hba_lines_equal(&has, work->lines) || seat->server.changed_since_load ||
            !hba_server_check_file(work->input->arena, seat->session, NULL))
            return false;
    }
    return true;
}

/* Files that somebody wrote by hand, before Patroni writes over them. */
static bool
keep_files(const Work *work, GError **error)
{
    LIST_FOREACH (const Seat, seat, &work->seats) {
        HbaReplacement replacement = replacement_of(work, seat);

        if (!hba_keep_find(&replacement, &replacement.kept_at, error) ||
            !hba_keep(&replacement, error)) {
            g_prefix_error(error, "%s: nothing was changed: ", seat->member->instance->name);
            return false;
        }
    }
    return true;
}

/*
 * One question for all members, since they get one list. The locks are held meanwhile: the members
 * were read under them.
 */
static bool
confirm(const Work *work, bool *ret_wanted, GError **error)
{
    const HbaPatroniInput *input = work->input;
    g_autoptr(Findings) findings = findings_new(input->arena);
    List previews = { 0 };

    LIST_FOREACH (const Seat, seat, &work->seats) {
        const HbaPreviewInput preview_input = {
            .arena = input->arena,
            .instance = seat->member->instance,
            .wanted = &seat->member->wanted,
            .method = HBA_INSTALL_PATRONI,
            .session = seat->session,
            .server = &seat->server,
            .findings = findings,
        };
        HbaPreview *preview = ARENA_NEW(input->arena, HbaPreview);

        if (!hba_preview_make(&preview_input, preview, error))
            return false;
        list_add(input->arena, &previews, preview);
    }
    *ret_wanted = input->confirms(input->confirms_data, &previews, findings);
    return true;
}

bool
hba_install_patroni(const HbaPatroniInput *input, HbaInstallOutcome *ret_outcome, GError **error)
{
    g_auto(Work) work = { .input = input };
    bool wanted = true;

    if (!members_agree(input, error))
        return false;
    work.lines = &((const HbaMember *)input->members.items[0])->wanted.lines;
    LIST_FOREACH (const HbaMember, member, &input->members) {
        if (!take_seat(&work, member, error))
            return false;
    }
    if (!read_config(&work, error) || !may_change(&work, error))
        return false;
    *ret_outcome = HBA_OUTCOME_UNCHANGED;
    if (is_in_force(&work))
        return true;
    if (input->confirms != NULL && !confirm(&work, &wanted, error))
        return false;
    *ret_outcome = HBA_OUTCOME_DECLINED;
    if (!wanted)
        return true;
    if (!keep_files(&work, error))
        return false;
    *ret_outcome = work.input->allow_lockout ? HBA_OUTCOME_REPLACED_UNTRIED : HBA_OUTCOME_REPLACED;
    if (!patroni_write_rules(work.url, work.lines, error))
        return false;
    if (!await(&work, work.lines, error) || !load_where_arrived(&work, error))
        return restore(&work, error);
    return everybody_has_them(&work, error);
}
