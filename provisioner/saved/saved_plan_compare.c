/* What differs between a saved plan and the one that is made now. */
#include <string.h>

#include "provisioner/saved/saved_plan.h"

/* So many differing steps are named, and so much of each. */
#define NAMED_MAX       5
#define STEP_LENGTH_MAX 160

/*
 * What of a step has to be the same: its statements as people see them, with <secret> in place of
 * secrets. A verifier has a new salt in every plan, so comparing it would make every plan stale.
 */
static const char *
sql_of(Arena *arena, const Step *step)
{
    g_autofree char *sql = plan_step_sql(step);

    return sql == NULL ? NULL : arena_strdup(arena, sql);
}

static const char *
or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

/*
 * Two steps with the same key do the same. Newlines separate the parts: none of them contains one,
 * except the SQL, which is last.
 */
static const char *
key_of(Arena *arena, const Step *step)
{
    return arena_printf(arena, "%s\n%s\n%s\n%s\n%s", action_name(step->action), step->name,
                        or_empty(step->database), or_empty(step->file),
                        or_empty(sql_of(arena, step)));
}

/* Cut at a character, not at a byte: names may be in any script. */
static const char *
shortened(Arena *arena, const char *text)
{
    const char *end = NULL;

    if (g_utf8_strlen(text, -1) <= STEP_LENGTH_MAX)
        return text;
    end = g_utf8_offset_to_pointer(text, STEP_LENGTH_MAX);
    return arena_printf(arena, "%.*s...", (int)(end - text), text);
}

/* A step without SQL replaces a file: it is described by its action, its path and its instance. */
static const char *
describe(Arena *arena, const Step *step)
{
    const char *sql = sql_of(arena, step);

    if (sql == NULL)
        return arena_printf(arena, "%s \"%s\" of %s", action_name(step->action),
                            or_empty(step->file), step->name);
    if (step->database == NULL)
        return shortened(arena, sql);
    return arena_printf(arena, "in database \"%s\": %s", step->database, shortened(arena, sql));
}

/*
 * Adds those of `steps` that are not among `others`; returns how many they are. Steps are counted,
 * as two may be equal: the same statement in two batches.
 */
static size_t
add_missing(Arena *arena, const List *steps, const List *others, const char *word, List *details)
{
    g_autoptr(GHashTable) counts = g_hash_table_new(g_str_hash, g_str_equal);
    size_t missing = 0;

    LIST_FOREACH (const Step, step, others) {
        const char *key = key_of(arena, step);
        guint count = GPOINTER_TO_UINT(g_hash_table_lookup(counts, key));

        g_hash_table_insert(counts, (gpointer)key, GUINT_TO_POINTER(count + 1));
    }
    LIST_FOREACH (const Step, step, steps) {
        const char *key = key_of(arena, step);
        guint count = GPOINTER_TO_UINT(g_hash_table_lookup(counts, key));

        if (count > 0)
            g_hash_table_insert(counts, (gpointer)key, GUINT_TO_POINTER(count - 1));
        else if (missing++ < NAMED_MAX)
            list_add(arena, details, arena_printf(arena, "%s: %s", word, describe(arena, step)));
    }
    if (missing > NAMED_MAX)
        list_add(arena, details, arena_printf(arena, "and %zu more", missing - NAMED_MAX));
    return missing;
}

/*
 * The order is part of a plan: default privileges apply to what is created after them, so the same
 * steps in another order can give other ACLs.
 */
static bool
same_order(Arena *arena, const List *before, const List *now)
{
    for (size_t i = 0; i < before->count; i++) {
        const Step *left = before->items[i];
        const Step *right = now->items[i];

        if (left->transaction != right->transaction ||
            strcmp(key_of(arena, left), key_of(arena, right)) != 0)
            return false;
    }
    return true;
}

/*
 * A precondition that contains a password or a whole file is stored as a digest; two digests say
 * nothing to a reader.
 */
static bool
is_digest(const char *rests_on)
{
    return rests_on != NULL && strstr(rests_on, "sha256:") != NULL;
}

static void
add_changed_basis(Arena *arena, const Step *before, const Step *now, List *details)
{
    const char *nothing = "nothing";

    list_add(arena, details,
             arena_printf(arena, "precondition changed: %s", describe(arena, before)));
    if (is_digest(before->rests_on) || is_digest(now->rests_on))
        return;
    list_add(arena, details,
             arena_printf(arena, "  then: %s", before->rests_on ? before->rests_on : nothing));
    list_add(arena, details,
             arena_printf(arena, "  now: %s", now->rests_on ? now->rests_on : nothing));
}

/* Steps are compared in order here: same_order() has established that both lists are parallel. */
static size_t
add_changed_bases(Arena *arena, const List *before, const List *now, List *details)
{
    size_t changed = 0;

    for (size_t i = 0; i < before->count; i++) {
        const Step *left = before->items[i];
        const Step *right = now->items[i];

        if (g_strcmp0(left->rests_on, right->rests_on) != 0 && changed++ < NAMED_MAX)
            add_changed_basis(arena, left, right, details);
    }
    if (changed > NAMED_MAX)
        list_add(arena, details, arena_printf(arena, "and %zu more", changed - NAMED_MAX));
    return changed;
}

/*
 * An empty plan is reported apart from a different one: it usually means that the plan was applied
 * already, which is good news.
 */
static SavedDifference
compare_steps(Arena *arena, const TargetPlan *saved, const List *now)
{
    SavedDifference difference = { 0 };
    size_t missing = 0;

    if (now->count == 0 && saved->steps.count > 0) {
        difference.message = arena_printf(
            arena,
            "cluster \"%s\" no longer needs the %zu saved steps: they were already applied, or "
            "another session made the changes",
            saved->cluster->name, saved->steps.count);
        return difference;
    }
    missing = add_missing(arena, &saved->steps, now, "no longer needed", &difference.details) +
              add_missing(arena, now, &saved->steps, "needed now", &difference.details);
    if (missing > 0)
        difference.message =
            arena_printf(arena, "cluster \"%s\" now needs different steps", saved->cluster->name);
    else if (!same_order(arena, &saved->steps, now))
        difference.message = arena_printf(
            arena, "cluster \"%s\" now needs its steps in a different order", saved->cluster->name);
    else if (add_changed_bases(arena, &saved->steps, now, &difference.details) > 0)
        difference.message = arena_printf(
            arena, "on cluster \"%s\" the server state that the plan was based on has changed",
            saved->cluster->name);
    return difference;
}

static const char *
describe_role(Arena *arena, const char *set_role)
{
    return set_role == NULL ? "who connects" : arena_printf(arena, "\"%s\"", set_role);
}

/*
 * The system identifier comes first, because everything else is meaningless on another server.
 * There is no switch for it: the plan was reviewed for that server.
 */
SavedDifference
saved_plan_compare(Arena *arena, const SavedPlan *saved, const TargetPlan *now)
{
    const TargetPlan *target = saved_plan_target(saved, now->cluster->name);
    SavedDifference difference = { 0 };

    if (g_strcmp0(target->server.system_identifier, now->server.system_identifier) != 0) {
        difference.message = arena_printf(
            arena,
            "it was made for a different server: its system identifier for cluster \"%s\" is %s, and "
            "that of this server is %s",
            target->cluster->name,
            target->server.system_identifier == NULL ? "none" : target->server.system_identifier,
            now->server.system_identifier == NULL ? "none" : now->server.system_identifier);
        return difference;
    }
    difference = compare_steps(arena, target, &now->steps);
    if (difference.message == NULL && g_strcmp0(target->set_role, now->set_role) != 0)
        difference.message =
            arena_printf(arena, "on cluster \"%s\" its statements were to run as %s, not as %s",
                         target->cluster->name, describe_role(arena, target->set_role),
                         describe_role(arena, now->set_role));
    return difference;
}

SavedDifference
saved_plan_compare_inventory(Arena *arena, const SavedPlan *saved, const List *digests)
{
    SavedDifference difference = { 0 };

    if (strcmp(file_digests_sum(arena, &saved->files), file_digests_sum(arena, digests)) == 0)
        return difference;
    difference.message = "the inventory has changed since the plan was saved";
    difference.details = file_digests_differ(arena, &saved->files, digests);
    return difference;
}
