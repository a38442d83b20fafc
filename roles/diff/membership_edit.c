/* Rows of pg_auth_members: kept, revoked with what hangs on them, and given by the server itself.
 */
#include "roles/diff/membership_edit.h"

#include <string.h>

#include "inventory/model/server_feature.h"

/*
 * By name and not by NameId: the declared group may not exist yet and then has no identity in the
 * state.
 */
bool
declares_membership(const Diff *diff, const RoleDecl *decl, NameId role)
{
    const char *name = names_text(diff->names, role);

    LIST_FOREACH (const MembershipDecl, membership, &decl->memberships) {
        if (!membership->absent && strcmp(membership->role, name) == 0)
            return true;
    }
    return false;
}

/*
 * A role that nobody declares has no `roles:` to compare with: in strict it loses the memberships
 * that give it something of ours (those in declared roles) or of the whole server (those in
 * predefined ones). What undeclared roles are to each other is theirs.
 */
static bool
is_access_of_unmanaged(const Diff *diff, NameId role)
{
    const StateRole *group = access_state_role(diff->state, role);

    return scope_declaration(diff->scope, role) != NULL || (group != NULL && group->is_predefined);
}

/* What a session role who is not a superuser is a member of is what it works with. */
bool
membership_options_count(const Diff *diff, NameId member)
{
    return !scope_is_protected(diff->scope, member) &&
           scope_manages_role_in(diff->scope, member, MAX(diff->context->mode, ACCESS_MODE_ADOPT));
}

bool
membership_is_undeclared(const Diff *diff, const StateMembership *row, AccessMode mode)
{
    const StateRole *member = access_state_role(diff->state, row->member);
    const RoleDecl *decl = scope_declaration(diff->scope, row->member);

    if (marks_is_own_role(diff->state, row->role) || member == NULL || member->is_predefined ||
        authority_is_creators_own(diff->state, row) ||
        !scope_manages_role_in(diff->scope, row->member, mode))
        return false;
    /* What a session role who is not a superuser is a member of is what it works with. */
    if (row->member == diff->state->session_role && !diff->state->session_role_is_superuser)
        return false;
    if (decl == NULL)
        return is_access_of_unmanaged(diff, row->role);
    return (decl->memberships_given ||
            scope_completes(diff->scope, decl, row->member, ROLE_LEAVE_MEMBERSHIPS)) &&
           !declares_membership(diff, decl, row->role);
}

MembershipFlag *
membership_option(StateMembership *membership, MembershipOption option)
{
    MembershipFlag *const flags[] = {
        [MEMBERSHIP_OPTION_ADMIN] = &membership->admin,
        [MEMBERSHIP_OPTION_INHERIT] = &membership->inherit,
        [MEMBERSHIP_OPTION_SET] = &membership->set,
    };

    _Static_assert(G_N_ELEMENTS(flags) == MEMBERSHIP_OPTION_COUNT, "a flag for each option");
    return flags[option];
}

/*
 * The membership is granted again by the bootstrap superuser, who cannot be dropped and whose ADMIN
 * cannot be revoked, so that it no longer depends on the grantor that goes. A row (role, member,
 * grantor) is unique in pg_auth_members from 16 on; options of an existing row are only ever added
 * here.
 */
void
membership_edit_keep(Diff *diff, const StateMembership *row, SourcePos declared_at)
{
    const AccessState *state = diff->state;
    const List *rows = access_state_memberships_of(state, row->role, row->member);
    Change change = { .kind = CHANGE_MEMBERSHIP_GRANT,
                      .declared_at = declared_at,
                      .name = row->member };
    StateMembership wanted = *row;
    StateMembership *kept = NULL;

    for (size_t i = 0; rows != NULL && i < rows->count; i++) {
        StateMembership *other = rows->items[i];

        if (other->grantor == state->bootstrap_superuser)
            kept = other;
    }
    if (kept != NULL && (kept->admin || !row->admin) && (kept->inherit || !row->inherit) &&
        (kept->set || !row->set))
        return;
    if (kept == NULL)
        kept = access_state_add_membership(diff->state, row->role, row->member,
                                           state->bootstrap_superuser);
    else
        wanted = (StateMembership){ .admin = kept->admin || row->admin,
                                    .inherit = kept->inherit || row->inherit,
                                    .set = kept->set || row->set };
    for (unsigned i = 0; i < MEMBERSHIP_OPTION_COUNT; i++) {
        MembershipOption option = (MembershipOption)i;

        *membership_option(kept, option) = *membership_option(&wanted, option);
        change.membership.options[i] =
            (OptBool){ .given = option != MEMBERSHIP_OPTION_ADMIN || kept->admin,
                       .value = *membership_option(kept, option) };
    }
    name_id_vector_add(diff->arena, &change.membership.groups, row->role);
    change.membership.grantor =
        state->session_role_is_superuser ? state->bootstrap_superuser : NAME_NONE;
    diff_request(diff, &change);
}

/* `state: absent` takes it in every mode, so nothing has to keep it on the way. NULL: no entry says
 * so. */
static const MembershipDecl *
absent_entry(const Diff *diff, const StateMembership *row)
{
    const RoleDecl *decl = scope_declaration(diff->scope, row->member);
    const char *name = names_text(diff->names, row->role);

    if (decl == NULL || declares_membership(diff, decl, row->role))
        return NULL;
    LIST_FOREACH (const MembershipDecl, membership, &decl->memberships) {
        if (strcmp(membership->role, name) == 0)
            return membership;
    }
    return NULL;
}

bool
membership_is_taken(const Diff *diff, const StateMembership *row)
{
    return !authority_is_creators_own(diff->state, row) &&
           (absent_entry(diff, row) != NULL ||
            membership_is_undeclared(diff, row, diff->context->mode));
}

/*
 * The next membership in the same role that the row's member has granted by virtue of that row.
 * user.c plan_single_revoke(): another ADMIN row of the same member keeps its grants valid, so only
 * the last one has dependents that matter.
 */
static const StateMembership *
next_dependent(const Diff *diff, const StateMembership *row)
{
    const List *own = access_state_memberships_of(diff->state, row->role, row->member);

    if (!server_has(diff->state->major_version, SERVER_MEMBERSHIP_OPTIONS) || !row->admin)
        return NULL;
    for (size_t i = 0; own != NULL && i < own->count; i++) {
        const StateMembership *other = own->items[i];

        if (other != row && other->admin)
            return NULL;
    }
    LIST_FOREACH (const StateMembership, other, &diff->state->memberships) {
        if (other->role == row->role && other->grantor == row->member && other != row)
            return other;
    }
    return NULL;
}

static Change
revoke_of(const Diff *diff, ChangeKind kind, const StateMembership *row, SourcePos declared_at)
{
    Change change = { .kind = kind, .declared_at = declared_at, .name = row->member };

    if (server_has(diff->state->major_version, SERVER_MEMBERSHIP_OPTIONS))
        change.membership.grantor = row->grantor;
    name_id_vector_add(diff->arena, &change.membership.groups, row->role);
    return change;
}

/* With what was granted by virtue of the row, which has to go before it. */
bool
membership_edit_may_take(Diff *diff, const StateMembership *row)
{
    Change change = revoke_of(diff, CHANGE_MEMBERSHIP_REVOKE, row, diff->context->mode_pos);
    g_autofree char *what =
        g_strdup_printf("membership of \"%s\" in \"%s\"", names_text(diff->names, row->member),
                        names_text(diff->names, row->role));

    if (!diff_may_take(diff, &change, what))
        return false;
    if (next_dependent(diff, row) == NULL)
        return true;
    LIST_FOREACH (const StateMembership, other, &diff->state->memberships) {
        if (other->role == row->role && other->grantor == row->member && other != row &&
            !membership_edit_may_take(diff, other))
            return false;
    }
    return true;
}

static void revoke(Diff *diff, ChangeKind kind, const StateMembership *row, SourcePos declared_at);

/* From 16 on REVOKE of an admin option fails while something was granted by it, and with CASCADE
   would take it along, whoever it belongs to. */
static void
release(Diff *diff, ChangeKind kind, const StateMembership *row, SourcePos declared_at)
{
    const StateMembership *dependent = next_dependent(diff, row);

    while (dependent != NULL) {
        if (!membership_is_taken(diff, dependent))
            membership_edit_keep(diff, dependent, declared_at);
        revoke(diff, kind, dependent, declared_at);
        dependent = next_dependent(diff, row);
    }
}

/*
 * From 16 on the same membership may exist once for each grantor, and REVOKE without GRANTED BY
 * looks only for the one that the session itself would have made.
 */
static void
revoke(Diff *diff, ChangeKind kind, const StateMembership *row, SourcePos declared_at)
{
    Change change = revoke_of(diff, kind, row, declared_at);

    release(diff, kind, row, declared_at);
    diff_request(diff, &change);
    access_state_remove_membership(diff->state, row);
}

void
membership_edit_release(Diff *diff, const StateMembership *row, SourcePos declared_at)
{
    release(diff, CHANGE_MEMBERSHIP_REVOKE, row, declared_at);
}

void
membership_edit_revoke(Diff *diff, const StateMembership *row, SourcePos declared_at)
{
    revoke(diff, CHANGE_MEMBERSHIP_REVOKE, row, declared_at);
}

void
membership_edit_revoke_first(Diff *diff, const StateMembership *row)
{
    const MembershipDecl *entry = absent_entry(diff, row);
    SourcePos declared_at = entry != NULL ? entry->pos : (SourcePos){ .origin = ORIGIN_NOBODY };

    revoke(diff, CHANGE_MEMBERSHIP_REVOKE_FIRST, row, declared_at);
}

/*
 * What CREATE ROLE gives its creator from 16 on. createrole_self_grant adds a second row, granted
 * by the creator itself, with the options that the parameter names (user.c CreateRole()).
 */
void
membership_edit_creator(Diff *diff, NameId role)
{
    AccessState *state = diff->state;
    StateMembership *row = NULL;

    if (permission_gate_is_open(diff->gate) ||
        !server_has(state->major_version, SERVER_MEMBERSHIP_OPTIONS))
        return;
    row = access_state_add_membership(state, role, state->session_role, state->bootstrap_superuser);
    row->admin = true;
    row->inherit = row->set = false;
    permission_gate_add(diff->gate, row);
    if (state->self_grants_inherit || state->self_grants_set) {
        row = access_state_add_membership(state, role, state->session_role, state->session_role);
        row->inherit = state->self_grants_inherit;
        row->set = state->self_grants_set;
        permission_gate_add(diff->gate, row);
    }
}
