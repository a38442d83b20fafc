/* What the server would refuse, and what follows for whom it was declared by. */
#include "roles/diff/permission_gate.h"

#include "inventory/model/server_feature.h"

PermissionGate *
permission_gate_new(const AccessState *state, NameId dbsu)
{
    PermissionGate *gate = g_new0(PermissionGate, 1);

    authority_init(&gate->authority, state, dbsu);
    return gate;
}

void
permission_gate_free(PermissionGate *gate)
{
    if (gate == NULL)
        return;
    authority_clear(&gate->authority);
    g_free(gate);
}

bool
permission_gate_is_open(const PermissionGate *gate)
{
    return gate->authority.is_superuser;
}

/* From 16 on CREATE ROLE gives its creator no more than ADMIN, and a plain GRANT would leave that
 * row as it is (AddRoleMems() in user.c): the options have to be said. */
Change
permission_gate_membership(const PermissionGate *gate, NameId role, SourcePos declared_at)
{
    const AccessState *state = gate->authority.state;
    Change change = { .kind = CHANGE_MEMBERSHIP_GRANT,
                      .declared_at = declared_at,
                      .name = state->session_role };
    OptBool *options = change.membership.options;

    name_id_vector_add(state->arena, &change.membership.groups, role);
    if (server_has(state->major_version, SERVER_MEMBERSHIP_OPTIONS)) {
        options[MEMBERSHIP_OPTION_INHERIT] = (OptBool){ .given = true, .value = true };
        options[MEMBERSHIP_OPTION_SET] = (OptBool){ .given = true, .value = true };
    }
    return change;
}

static Decision
needs_memberships(const PermissionGate *gate, const NameIdVector *roles, SourcePos declared_at)
{
    Arena *arena = gate->authority.state->arena;
    Decision decision = { .answer = PERMISSION_NEEDS };

    for (size_t i = 0; i < roles->count; i++) {
        Change *change = ARENA_NEW(arena, Change);

        *change = permission_gate_membership(gate, roles->items[i], declared_at);
        list_add(arena, &decision.needs, change);
    }
    return decision;
}

static bool
may_join_all(const PermissionGate *gate, const NameIdVector *roles)
{
    for (size_t i = 0; i < roles->count; i++) {
        if (!authority_may_join(&gate->authority, roles->items[i]))
            return false;
    }
    return roles->count > 0;
}

/*
 * A person's step that is not allowed is planned with its refusal; the policy's is skipped, since
 * nobody asked for it by name.
 */
Decision
permission_gate_ask(const PermissionGate *gate, const Change *change, const AuthorityObject *object)
{
    const Refusal *refusal = authority_check(&gate->authority, change, object);

    if (refusal == NULL)
        return (Decision){ .answer = PERMISSION_YES };
    if (source_pos_is_policy(change->declared_at))
        return (Decision){ .answer = PERMISSION_SKIPPED, .refusal = refusal };
    /* The policy's changes never make the session role a member of anything: nobody asked. */
    if (may_join_all(gate, &refusal->become))
        return needs_memberships(gate, &refusal->become, change->declared_at);
    return (Decision){ .answer = PERMISSION_REFUSED, .refusal = refusal };
}

void
permission_gate_add(PermissionGate *gate, const StateMembership *row)
{
    authority_add(&gate->authority, row);
}
