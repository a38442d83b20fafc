/* Memberships: granted, options set, taken away. */
#include "roles/diff/memberships.h"

#include <string.h>

#include "inventory/model/server_feature.h"
#include "roles/diff/membership_cycles.h"
#include "roles/diff/membership_edit.h"
#include "roles/diff/required_role.h"

/* The server refuses a circle; with what is on the server already one may close that no file shows.
 */
static bool
closes_cycle(Diff *diff, const MembershipGraph *graph, const MembershipDecl *decl, NameId role,
             NameId member)
{
    const char *path = membership_graph_cycle(graph, role, member);

    if (path == NULL)
        return false;
    findings_add(diff->notes, &FINDING_MEMBERSHIP_CYCLE_ON_SERVER, decl->pos,
                 "remove one of these memberships",
                 "granting \"%s\" to \"%s\" would create a membership cycle: on the server %s",
                 names_text(diff->names, role), names_text(diff->names, member), path);
    return true;
}

static Change
membership_change(Diff *diff, ChangeKind kind, const MembershipDecl *decl, NameId role,
                  NameId member)
{
    Change change = { .kind = kind, .declared_at = decl->pos, .name = member };

    name_id_vector_add(diff->arena, &change.membership.groups, role);
    return change;
}

static void
revoke_membership(Diff *diff, const MembershipDecl *decl, NameId role, NameId member)
{
    const List *rows = access_state_memberships_of(diff->state, role, member);

    for (size_t i = 0; rows != NULL && i < rows->count;) {
        if (authority_is_creators_own(diff->state, rows->items[i]))
            i++;
        else
            membership_edit_revoke(diff, rows->items[i], decl->pos);
    }
}

/*
 * The options that the declaration names and the server knows; the others are noted. INHERIT and
 * SET as options of a membership exist from 16 on; leaving them out on an older server, with a
 * note, lets one inventory serve a mixed fleet during an upgrade.
 */
static void
declared_options(Diff *diff, const MembershipDecl *decl, OptBool *ret_options)
{
    const OptBool declared[] = {
        [MEMBERSHIP_OPTION_ADMIN] = decl->admin,
        [MEMBERSHIP_OPTION_INHERIT] = decl->inherit,
        [MEMBERSHIP_OPTION_SET] = decl->set,
    };

    for (unsigned i = 0; i < MEMBERSHIP_OPTION_COUNT; i++) {
        ret_options[i] = declared[i];
        if (!declared[i].given || i == MEMBERSHIP_OPTION_ADMIN ||
            server_has(diff->state->major_version, SERVER_MEMBERSHIP_OPTIONS))
            continue;
        ret_options[i].given = false;
        findings_add(
            diff->notes, &FINDING_FEATURE_UNSUPPORTED, declared[i].pos, NULL,
            "membership in \"%s\": INHERIT and SET options require PostgreSQL %d and are skipped "
            "on version %d",
            decl->role, server_feature_since(SERVER_MEMBERSHIP_OPTIONS),
            diff->state->major_version);
    }
}

/*
 * AddRoleMems() takes INHERIT from the member's attribute when the option is not named, and SET is
 * on. The grantor is the bootstrap superuser when a superuser grants (user.c check_role_grantor());
 * before 16 it was whoever ran GRANT.
 */
static void
grant_new_membership(Diff *diff, const MembershipDecl *decl, NameId role, NameId member,
                     const OptBool *options)
{
    const StateRole *member_role = access_state_role(diff->state, member);
    bool has_options = server_has(diff->state->major_version, SERVER_MEMBERSHIP_OPTIONS);
    bool is_bootstrap = has_options && permission_gate_is_open(diff->gate);
    Change change = membership_change(diff, CHANGE_MEMBERSHIP_GRANT, decl, role, member);
    StateMembership *row = NULL;

    if (!diff_allows(diff, &change, NULL))
        return;
    row = access_state_add_membership(diff->state, role, member,
                                      is_bootstrap ? diff->state->bootstrap_superuser
                                                   : diff->scope->creator);
    if (has_options)
        row->inherit = member_role->attributes[ROLE_ATTRIBUTE_INHERIT];
    for (unsigned i = 0; i < MEMBERSHIP_OPTION_COUNT; i++) {
        MembershipFlag *flag = membership_option(row, (MembershipOption)i);

        if (!options[i].given || *flag == options[i].value)
            continue;
        *flag = options[i].value;
        change.membership.options[i] = options[i];
    }
    diff_request(diff, &change);
    permission_gate_add(diff->gate, row);
}

/*
 * true: one row that has the option is enough; false: no row may have it. Revoking the ADMIN option
 * alone is REVOKE ADMIN OPTION FOR; switching INHERIT or SET off is a GRANT with the option FALSE
 * on that row.
 */
static void
converge_option(Diff *diff, const MembershipDecl *decl, const List *rows, MembershipOption option,
                bool wanted)
{
    bool has_options = server_has(diff->state->major_version, SERVER_MEMBERSHIP_OPTIONS);

    if (wanted) {
        LIST_FOREACH (StateMembership, row, rows) {
            if (*membership_option(row, option))
                return;
        }
    }
    LIST_FOREACH (StateMembership, row, rows) {
        Change change = membership_change(diff,
                                          wanted || option != MEMBERSHIP_OPTION_ADMIN
                                              ? CHANGE_MEMBERSHIP_GRANT
                                              : CHANGE_MEMBERSHIP_REVOKE,
                                          decl, row->role, row->member);

        if (*membership_option(row, option) == wanted)
            continue;
        if (change.kind == CHANGE_MEMBERSHIP_REVOKE)
            membership_edit_release(diff, row, decl->pos);
        *membership_option(row, option) = wanted;
        /* Who cannot act for the grantor grants it itself: one row that has the option is enough.
         */
        if (has_options && (!wanted || authority_has_privileges_of(&diff->gate->authority,
                                                                   row->grantor, NAME_NONE)))
            change.membership.grantor = row->grantor;
        change.membership.options[option] = (OptBool){ .given = true, .value = wanted };
        diff_request(diff, &change);
        if (wanted)
            return;
    }
}

/*
 * ADMIN that 16 and later gave the creator of a role makes it no member that could use the role; a
 * declared membership then has to say so, for a plain GRANT would leave the row as it is.
 */
static void
ask_for_use(Diff *diff, const List *rows, NameId member, OptBool *options)
{
    const StateRole *role = access_state_role(diff->state, member);

    LIST_FOREACH (const StateMembership, row, rows) {
        if (!authority_is_creators_own(diff->state, row))
            return;
    }
    if (!options[MEMBERSHIP_OPTION_INHERIT].given)
        options[MEMBERSHIP_OPTION_INHERIT] =
            (OptBool){ .given = true, .value = role->attributes[ROLE_ATTRIBUTE_INHERIT] };
    if (!options[MEMBERSHIP_OPTION_SET].given)
        options[MEMBERSHIP_OPTION_SET] = (OptBool){ .given = true, .value = true };
}

/*
 * `roles: [a]` means what a plain GRANT gives: without ADMIN, with SET, and with INHERIT by the
 * member's attribute. Additive leaves what an entry does not say.
 */
static void
complete_options(const Diff *diff, const StateRole *member, OptBool *options)
{
    const bool defaults[] = {
        [MEMBERSHIP_OPTION_ADMIN] = false,
        [MEMBERSHIP_OPTION_INHERIT] = member->attributes[ROLE_ATTRIBUTE_INHERIT],
        [MEMBERSHIP_OPTION_SET] = true,
    };

    if (diff->context->mode == ACCESS_MODE_ADDITIVE ||
        !membership_options_count(diff, member->name))
        return;
    for (unsigned i = 0; i < MEMBERSHIP_OPTION_COUNT; i++) {
        if (!options[i].given &&
            (i == MEMBERSHIP_OPTION_ADMIN ||
             server_has(diff->state->major_version, SERVER_MEMBERSHIP_OPTIONS)))
            options[i] = (OptBool){ .given = true, .value = defaults[i] };
    }
}

/* Without the row that 16 and later gave a creator by itself: ADMIN there is nobody's to take. */
static List
without_creators_own(const Diff *diff, const List *rows)
{
    List others = { 0 };

    LIST_FOREACH (StateMembership, row, rows) {
        if (!authority_is_creators_own(diff->state, row))
            list_add(diff->arena, &others, row);
    }
    return others;
}

static void
converge_membership(Diff *diff, MembershipGraph *graph, const MembershipDecl *decl, NameId member)
{
    OptBool options[MEMBERSHIP_OPTION_COUNT] = { { .given = false } };
    OptBool declared[MEMBERSHIP_OPTION_COUNT];
    List others = { 0 };
    g_autofree char *purpose = g_strdup_printf("membership of \"%s\" in \"%s\"",
                                               names_text(diff->names, member), decl->role);
    NameId role = NAME_NONE;
    const List *rows = NULL;

    if (decl->absent) {
        role = names_find(diff->names, decl->role);
        if (role != NAME_NONE)
            revoke_membership(diff, decl, role, member);
        return;
    }
    role = required_role(diff, decl->role, decl->pos, purpose);
    if (role == NAME_NONE)
        return;
    declared_options(diff, decl, options);
    rows = access_state_memberships_of(diff->state, role, member);
    if (rows == NULL) {
        if (closes_cycle(diff, graph, decl, role, member))
            return;
        grant_new_membership(diff, decl, role, member, options);
        membership_graph_add(graph, role, member);
        return;
    }
    ask_for_use(diff, rows, member, options);
    for (unsigned i = 0; i < MEMBERSHIP_OPTION_COUNT; i++) {
        if (options[i].given)
            converge_option(diff, decl, rows, (MembershipOption)i, options[i].value);
    }
    others = without_creators_own(diff, rows);
    memcpy(declared, options, sizeof declared);
    complete_options(diff, access_state_role(diff->state, member), options);
    for (unsigned i = 0; i < MEMBERSHIP_OPTION_COUNT && others.count > 0; i++) {
        if (options[i].given && !declared[i].given)
            converge_option(diff, decl, &others, (MembershipOption)i, options[i].value);
    }
}

/*
 * A later entry for the same group overrides an earlier one of the other kind, as in a list that
 * was merged from a group and a host. What has ended gives way to any entry that goes on, and takes
 * nothing from it.
 */
static bool
is_overridden(const RoleDecl *decl, size_t index)
{
    const MembershipDecl *membership = decl->memberships.items[index];

    for (size_t i = membership->until.state == UNTIL_PASSED ? 0 : index + 1;
         i < decl->memberships.count; i++) {
        const MembershipDecl *other = decl->memberships.items[i];

        if (strcmp(other->role, membership->role) == 0 && other->absent != membership->absent &&
            other->until.state != UNTIL_PASSED)
            return true;
    }
    return false;
}

/* Before anything is granted: a membership that is turned round is revoked first. */
static void
open_cycle(Diff *diff, MembershipGraph *graph, const MembershipDecl *decl, NameId member)
{
    NameId role = decl->absent ? NAME_NONE : names_find(diff->names, decl->role);

    if (role == NAME_NONE || access_state_role(diff->state, role) == NULL ||
        access_state_memberships_of(diff->state, role, member) != NULL)
        return;
    membership_graph_open(graph, role, member);
    membership_graph_add(graph, role, member);
}

static void
for_each_membership(Diff *diff, void (*visit)(Diff *diff, MembershipGraph *graph,
                                              const MembershipDecl *decl, NameId member))
{
    g_autoptr(MembershipGraph) graph = membership_graph_new(diff);

    LIST_FOREACH (const RoleDecl, decl, &diff->context->cluster->roles) {
        NameId member = names_intern(diff->names, decl->name);

        if (decl->absent || access_state_role(diff->state, member) == NULL)
            continue;
        for (size_t i = 0; i < decl->memberships.count; i++) {
            if (!is_overridden(decl, i))
                visit(diff, graph, decl->memberships.items[i], member);
        }
    }
}

void
diff_memberships(Diff *diff)
{
    for_each_membership(diff, open_cycle);
    for_each_membership(diff, converge_membership);
}
