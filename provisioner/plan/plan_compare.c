/* Steps as sets of texts. */
#include "provisioner/plan/plan_compare.h"

#include <string.h>

/*
 * Statements and not changes: that a later version words a change differently makes a saved plan
 * stale, which is the safe side.
 */
bool
plan_same_steps(const TargetPlan *a, const TargetPlan *b)
{
    if (a->steps.count != b->steps.count || g_strcmp0(a->set_role, b->set_role) != 0)
        return false;
    for (size_t i = 0; i < a->steps.count; i++) {
        const Step *left = a->steps.items[i];
        const Step *right = b->steps.items[i];

        if (left->statements.count != right->statements.count ||
            g_strcmp0(left->connect, right->connect) != 0 ||
            g_strcmp0(left->summary, right->summary) != 0)
            return false;
        for (size_t j = 0; j < left->statements.count; j++) {
            if (strcmp(left->statements.items[j], right->statements.items[j]) != 0)
                return false;
        }
    }
    return true;
}

/* Called for each text that a step comes to; false ends it. */
typedef bool PartVisitor(char *part, void *data);

/*
 * The privileges of the change on one object, each with each grantee and column. Object by object
 * and privilege by privilege: after a part was applied by somebody else, the remaining statement
 * names fewer objects but is still part of the plan.
 */
static bool
visit_object(const Step *step, const char *object, PartVisitor *visit, void *data)
{
    const AclChange *change = change_acl(step->change);
    size_t columns = MAX(change->columns.count, (size_t)1);

    LIST_FOREACH (const char, grantee, &step->grantees) {
        for (size_t j = 0; j < columns; j++) {
            for (unsigned bit = 0; bit < PRIVILEGE_COUNT; bit++) {
                if ((change->privileges & PRIVILEGE_BIT(bit)) != 0 &&
                    !visit(
                        g_strdup_printf(
                            "%s %d %d %s %s %s %u %s", step->connect, (int)step->action,
                            change->grant_option, step->kind, object,
                            change->columns.count > 0 ? (const char *)change->columns.items[j] : "",
                            bit, grantee),
                        data))
                    return false;
            }
        }
    }
    return true;
}

static bool
visit_parts(const Step *step, PartVisitor *visit, void *data)
{
    if (step->grantees.count > 0) {
        LIST_FOREACH (const char, object, &step->objects) {
            if (!visit_object(step, object, visit, data))
                return false;
        }
        return true;
    }
    LIST_FOREACH (const char, statement, &step->statements) {
        if (!visit(g_strdup_printf("%s %s", step->connect, statement), data))
            return false;
    }
    return step->summary == NULL || visit(g_strdup(step->summary), data);
}

static bool
remember(char *part, void *data)
{
    g_hash_table_add(data, part);
    return true;
}

static bool
is_known(char *part, void *data)
{
    bool known = g_hash_table_contains(data, part);

    g_free(part);
    return known;
}

/* A plan that has become smaller is still what was reviewed; one with a new part is not. */
bool
plan_is_part_of(const TargetPlan *part, const TargetPlan *whole)
{
    g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    LIST_FOREACH (const Step, step, &whole->steps)
        visit_parts(step, remember, known);
    LIST_FOREACH (const Step, step, &part->steps) {
        if (!visit_parts(step, is_known, known))
            return false;
    }
    return true;
}
