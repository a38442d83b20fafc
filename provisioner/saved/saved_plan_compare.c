/* What differs between a saved plan and the one that is made now. */
#include <string.h>

#include "provisioner/saved/saved_plan.h"
#include "provisioner/saved/saved_plan_changes.h"

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
            strcmp(saved_plan_step_key(arena, left), saved_plan_step_key(arena, right)) != 0)
            return false;
    }
    return true;
}

/* Steps are compared in order here: same_order() has established that both lists are parallel. */
static bool
rests_on_the_same(const List *before, const List *now)
{
    for (size_t i = 0; i < before->count; i++) {
        if (g_strcmp0(((const Step *)before->items[i])->rests_on,
                      ((const Step *)now->items[i])->rests_on) != 0)
            return false;
    }
    return true;
}

/*
 * An empty plan is reported apart from a different one: it usually means that the plan was applied
 * already, which is good news.
 */
static const char *
compare_steps(Arena *arena, const TargetPlan *saved, const TargetPlan *now)
{
    const char *cluster = saved->cluster->name;

    if (now->steps.count == 0 && saved->steps.count > 0)
        return arena_printf(
            arena,
            "cluster \"%s\" no longer needs the %zu saved steps: they were already applied, or "
            "another session made the changes",
            cluster, saved->steps.count);
    if (saved_plan_differing_steps(arena, &saved->steps, &now->steps).count > 0 ||
        saved_plan_differing_steps(arena, &now->steps, &saved->steps).count > 0)
        return arena_printf(arena, "cluster \"%s\" now needs different steps", cluster);
    if (!same_order(arena, &saved->steps, &now->steps))
        return arena_printf(arena, "cluster \"%s\" now needs its steps in a different order",
                            cluster);
    if (!rests_on_the_same(&saved->steps, &now->steps))
        return arena_printf(
            arena, "on cluster \"%s\" the server state that the plan was based on has changed",
            cluster);
    return NULL;
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
    difference.message = compare_steps(arena, target, now);
    if (difference.message != NULL)
        difference.details = saved_plan_changes(arena, target, now);
    else if (g_strcmp0(target->set_role, now->set_role) != 0)
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
