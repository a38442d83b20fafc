/* The way of a change: the gate, what the gate asks for before it, the recorder. */
#include "roles/diff/diff_context.h"

#include "roles/state/schema_pattern.h"

SourcePos
declared_for(SourcePos pos, Origin origin)
{
    if (origin == ORIGIN_POLICY)
        pos.origin = ORIGIN_POLICY;
    return pos;
}

static void
record_membership(Diff *diff, const Change *change)
{
    AccessState *state = diff->state;
    NameId role = change_membership(change)->groups.items[0];
    StateMembership *row =
        access_state_add_membership(state, role, state->session_role, state->session_role);

    row->inherit = row->set = true;
    permission_gate_add(diff->gate, row);
    recorder_add(diff->recorder, change);
    findings_add(diff->notes, &FINDING_SESSION_ROLE_JOINS, change->declared_at,
                 "the membership remains; revoke it when no longer needed",
                 "role \"%s\" is granted to the session role \"%s\": needed to act on its behalf",
                 names_text(diff->names, role), names_text(diff->names, state->session_role));
}

void
diff_join_role(Diff *diff, NameId role, SourcePos declared_at)
{
    const Change change = permission_gate_membership(diff->gate, role, declared_at);

    record_membership(diff, &change);
}

static bool
is_revoke(const Change *change)
{
    return change->kind == CHANGE_REVOKE || change->kind == CHANGE_SHARED_REVOKE ||
           change->kind == CHANGE_HARDENING;
}

static bool
is_grant(const Change *change)
{
    return change->kind == CHANGE_GRANT || change->kind == CHANGE_GRANT_AGAIN ||
           change->kind == CHANGE_SHARED_GRANT;
}

/* What is the owner's is granted and revoked by the owner, where the server would take somebody
 * else. */
static void
choose_acting_role(const Diff *diff, Change *change, const AuthorityObject *object)
{
    const Authority *authority = &diff->gate->authority;
    AclChange *acl = NULL;

    if (object == NULL || !(is_grant(change) || is_revoke(change)))
        return;
    acl = change_edit_acl(change);
    if (acl->acting.role != NAME_NONE)
        return;
    if (authority_should_act_as_owner(authority, object, acl->privileges) ||
        (is_revoke(change) && authority_may_act_as_other(authority, object, acl->privileges)))
        acl->acting.role = object->owner;
}

bool
diff_allows(Diff *diff, Change *change, const AuthorityObject *object)
{
    Decision decision = { 0 };

    choose_acting_role(diff, change, object);
    decision = permission_gate_ask(diff->gate, change, object);

    if (decision.answer == PERMISSION_NEEDS) {
        LIST_FOREACH (const Change, needed, &decision.needs)
            record_membership(diff, needed);
        decision = permission_gate_ask(diff->gate, change, object);
    }
    if (decision.answer == PERMISSION_SKIPPED) {
        skipped_add(diff->skipped, change, decision.refusal);
        return false;
    }
    change->refusal = decision.refusal;
    return true;
}

/*
 * The gate is asked before the state moves. A step that the session role may not take stays in the
 * plan with its reason when a person asked for it, so that the plan shows all of the inventory.
 */
void
diff_request(Diff *diff, const Change *change)
{
    Change asked = *change;

    if (change->refusal != NULL || diff_allows(diff, &asked, NULL))
        recorder_add(diff->recorder, &asked);
}

bool
diff_may_take(Diff *diff, const Change *change, const char *what)
{
    Decision decision = permission_gate_ask(diff->gate, change, NULL);

    if (decision.answer != PERMISSION_REFUSED)
        return true;
    findings_add(diff->notes, &FINDING_UNDECLARED_KEPT, diff->context->mode_pos,
                 decision.refusal->help == NULL
                     ? "declare it, or let a superuser apply the inventory once"
                     : arena_printf(diff->arena, "declare it, or ask a superuser to run %s",
                                    decision.refusal->help),
                 "%s is undeclared, but stays: %s", what, decision.refusal->lacks);
    return false;
}

bool
diff_schema_is_system(const Diff *diff, NameId schema)
{
    return schema != NAME_NONE && schema_is_system(names_text(diff->names, schema));
}

const char *
diff_grantee_text(const Diff *diff, NameId grantee)
{
    return grantee == NAME_PUBLIC ? "PUBLIC" : names_text(diff->names, grantee);
}

const char *
diff_describe_group(const Diff *diff, const StateDatabase *database, const ObjectGroup *group)
{
    const char *kind = group->kind == GRANT_KIND_LARGE_OBJECT
                           ? "large object"
                           : grant_kind_info(group->kind)->singular;
    const char *objects =
        arena_printf(diff->arena, "%zu %s%s", group->count, kind, group->count == 1 ? "" : "s");

    if (database == NULL)
        return objects;
    if (group->schema != NAME_NONE)
        objects = arena_printf(diff->arena, "%s in schema \"%s\"", objects,
                               names_text(diff->names, group->schema));
    return arena_printf(diff->arena, "%s of database \"%s\"", objects,
                        names_text(diff->names, database->name));
}

const char *
diff_describe_column(const Diff *diff, const StateDatabase *database, const StateColumn *column)
{
    return arena_printf(diff->arena, "column \"%s\" of %s \"%s\".\"%s\" of database \"%s\"",
                        column->name, grant_kind_info(column->kind)->singular,
                        names_text(diff->names, column->table->schema), column->table->name,
                        names_text(diff->names, database->name));
}
