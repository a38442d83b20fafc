/* What needs what, by stage, database and role. */
#include "provisioner/apply/held_up.h"

#include <string.h>

#define BIT(stage) (1U << (stage))

static bool
has_text(const List *texts, const char *wanted)
{
    LIST_FOREACH (const char, text, texts) {
        if (strcmp(text, wanted) == 0)
            return true;
    }
    return false;
}

static bool
is_kind(const Step *step, ChangeKind kind)
{
    return step->change != NULL && step->change->kind == kind;
}

/* CREATE DATABASE runs outside of the database that all the other steps in it need. */
static const char *
database_of(const Step *step)
{
    return step->stage == STAGE_ALONE ? step->name : step->database;
}

/*
 * LOGIN and sessions of those who leave depend on nothing. The marker roles may be new, and a grant
 * that takes the place of a membership may be one of those that are held up.
 */
static bool
after_is_allowed(const HeldUp *held, const Step *step)
{
    const unsigned databases = BIT(STAGE_DATABASE) | BIT(STAGE_ALONE);

    if (is_kind(step, CHANGE_ROLE_DISABLE) || is_kind(step, CHANGE_ROLE_END_SESSIONS))
        return true;
    if ((held->stages & BIT(STAGE_BEFORE)) != 0)
        return false;
    return (held->stages & databases) == 0 ||
           (step->phase == PHASE_LEAVE && !is_kind(step, CHANGE_DATABASE_REFUSE_CONNECTIONS));
}

/*
 * The grants of all roles that are dropped are renewed before the first DROP OWNED in a database,
 * those on shared objects in database postgres (plan/prune.c), so nothing is dropped behind one
 * that is held up. What a role owns in a database that stays keeps the role, too.
 */
static bool
prune_is_allowed(const HeldUp *held, const Step *step)
{
    if ((held->stages & ~(BIT(STAGE_AFTER) | BIT(STAGE_PRUNE))) != 0)
        return false;
    if (is_kind(step, CHANGE_ROLE_DROP))
        return !held->drops_database && !has_text(&held->roles, step->name);
    return step->database == NULL || (!has_text(&held->prune_databases, "postgres") &&
                                      !has_text(&held->prune_databases, step->database));
}

static bool
is_allowed(const HeldUp *held, const Step *step)
{
    switch (step->stage) {
    case STAGE_AFTER:
        return after_is_allowed(held, step);
    case STAGE_PRUNE:
        return prune_is_allowed(held, step);
    default:
        return (held->stages & BIT(STAGE_BEFORE)) == 0 &&
               (database_of(step) == NULL || !has_text(&held->databases, database_of(step)));
    }
}

bool
held_up_allows(const HeldUp *held, const Step *const *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!is_allowed(held, steps[i]))
            return false;
    }
    return true;
}

void
held_up_add(HeldUp *held, const Step *const *steps, size_t count, const char *reason)
{
    for (size_t i = 0; i < count; i++) {
        held->stages |= BIT(steps[i]->stage);
        if (database_of(steps[i]) != NULL)
            list_add(held->arena,
                     steps[i]->stage == STAGE_PRUNE ? &held->prune_databases : &held->databases,
                     database_of(steps[i]));
        if (is_kind(steps[i], CHANGE_DATABASE_DROP))
            held->drops_database = true;
        else if (is_kind(steps[i], CHANGE_ROLE_DISABLE) || steps[i]->stage == STAGE_PRUNE)
            list_add(held->arena, &held->roles, steps[i]->name);
    }
    if (reason != NULL)
        list_add(held->arena, &held->reasons, reason);
}

bool
held_up_is_divisible(const Step *const *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!is_kind(steps[i], CHANGE_ROLE_DISABLE) && !is_kind(steps[i], CHANGE_ROLE_DROP))
            return false;
    }
    return true;
}
