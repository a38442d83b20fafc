/* Memberships: granted, options set, taken away. */
#include <string.h>

#include "inventory/model/server_feature.h"
#include "roles/diff/diff_context.h"

typedef bool MembershipFlag;

/* The stored options of a row, by the option's index. */
static MembershipFlag *
option_of(StateMembership *membership, MembershipOption option)
{
    MembershipFlag *const flags[] = {
        [MEMBERSHIP_OPTION_ADMIN] = &membership->admin,
        [MEMBERSHIP_OPTION_INHERIT] = &membership->inherit,
        [MEMBERSHIP_OPTION_SET] = &membership->set,
    };

    _Static_assert(G_N_ELEMENTS(flags) == MEMBERSHIP_OPTION_COUNT, "a flag for each option");
    return flags[option];
}

/* Appends the path from `from` up to `to` (group by group) when there is one. */
static bool
find_path(Walk *walk, GHashTable *groups_of, NameId from, NameId to, GHashTable *seen,
          GString *path)
{
    const List *groups = g_hash_table_lookup(groups_of, GUINT_TO_POINTER(from));

    if (from == to) {
        g_string_append_printf(path, "\"%s\"", names_text(walk->names, from));
        return true;
    }
    if (groups == NULL || !g_hash_table_add(seen, GUINT_TO_POINTER(from)))
        return false;
    for (size_t i = 0; i < groups->count; i++) {
        if (find_path(walk, groups_of, GPOINTER_TO_UINT(groups->items[i]), to, seen, path)) {
            g_string_append_printf(path, " is granted to \"%s\"", names_text(walk->names, from));
            return true;
        }
    }
    return false;
}

static void
add_group_of(Walk *walk, GHashTable *groups_of, NameId role, NameId member)
{
    List *groups = g_hash_table_lookup(groups_of, GUINT_TO_POINTER(member));

    if (groups == NULL) {
        groups = ARENA_NEW(walk->arena, List);
        g_hash_table_insert(groups_of, GUINT_TO_POINTER(member), groups);
    }
    list_add(walk->arena, groups, GUINT_TO_POINTER(role));
}

/* The server refuses a circle; with what is on the server already one may close that no file shows.
 */
static bool
closes_circle(Walk *walk, GHashTable *groups_of, const MembershipDecl *decl, NameId role,
              NameId member)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    g_autoptr(GString) path = g_string_new(NULL);

    if (!find_path(walk, groups_of, role, member, seen, path))
        return false;
    findings_add(walk->input->notes, &FINDING_MEMBERSHIP_CYCLE_ON_SERVER, decl->pos,
                 "take one of these memberships away",
                 "granting \"%s\" to \"%s\" would close a circle: on the server %s",
                 names_text(walk->names, role), names_text(walk->names, member), path->str);
    return true;
}

static Change
membership_change(Walk *walk, ChangeKind kind, const MembershipDecl *decl, NameId role,
                  NameId member)
{
    Change change = { .kind = kind, .declared_at = decl->pos, .name = member };

    list_add(walk->arena, &change.membership.groups, GUINT_TO_POINTER(role));
    return change;
}

static void
revoke_membership(Walk *walk, const MembershipDecl *decl, NameId role, NameId member)
{
    const List *rows = access_state_memberships_of(walk->state, role, member);

    for (size_t i = 0; rows != NULL && i < rows->count;) {
        if (authority_is_creators_own(walk->state, rows->items[i]))
            i++;
        else
            walk_revoke_membership_row(walk, rows->items[i], decl->pos);
    }
}

void
walk_keep_membership(Walk *walk, const StateMembership *row, SourcePos because)
{
    const AccessState *state = walk->state;
    const List *rows = access_state_memberships_of(state, row->role, row->member);
    Change change = { .kind = CHANGE_MEMBERSHIP_GRANT,
                      .declared_at = because,
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
        kept = access_state_add_membership(walk->state, row->role, row->member,
                                           state->bootstrap_superuser);
    else
        wanted = (StateMembership){ .admin = kept->admin || row->admin,
                                    .inherit = kept->inherit || row->inherit,
                                    .set = kept->set || row->set };
    for (unsigned i = 0; i < MEMBERSHIP_OPTION_COUNT; i++) {
        MembershipOption option = (MembershipOption)i;

        *option_of(kept, option) = *option_of(&wanted, option);
        change.membership.options[i] =
            (OptBool){ .given = option != MEMBERSHIP_OPTION_ADMIN || kept->admin,
                       .value = *option_of(kept, option) };
    }
    list_add(walk->arena, &change.membership.groups, GUINT_TO_POINTER(row->role));
    change.membership.grantor =
        state->executor_is_superuser ? state->bootstrap_superuser : NAME_NONE;
    walk_add(walk, &change);
}

/* The next membership in the same role that the row's member has granted by virtue of that row. */
static const StateMembership *
next_dependent(const Walk *walk, const StateMembership *row)
{
    const List *own = access_state_memberships_of(walk->state, row->role, row->member);

    if (!server_has(walk->state->major_version, SERVER_MEMBERSHIP_OPTIONS) || !row->admin)
        return NULL;
    for (size_t i = 0; own != NULL && i < own->count; i++) {
        const StateMembership *other = own->items[i];

        if (other != row && other->admin)
            return NULL;
    }
    LIST_FOREACH (const StateMembership, other, &walk->state->memberships) {
        if (other->role == row->role && other->grantor == row->member && other != row)
            return other;
    }
    return NULL;
}

/* From 16 on REVOKE of an admin option fails while something was granted by it, and with CASCADE
   would take it along, whoever it belongs to. */
static void
release_dependents(Walk *walk, const StateMembership *row, SourcePos because)
{
    const StateMembership *dependent = next_dependent(walk, row);

    while (dependent != NULL) {
        if (!walk_membership_is_surplus(walk, dependent))
            walk_keep_membership(walk, dependent, because);
        walk_revoke_membership_row(walk, dependent, because);
        dependent = next_dependent(walk, row);
    }
}

void
walk_revoke_membership_row(Walk *walk, const StateMembership *row, SourcePos because)
{
    Change change = { .kind = CHANGE_MEMBERSHIP_REVOKE,
                      .declared_at = because,
                      .name = row->member };

    release_dependents(walk, row, because);
    if (server_has(walk->state->major_version, SERVER_MEMBERSHIP_OPTIONS))
        change.membership.grantor = row->grantor;
    list_add(walk->arena, &change.membership.groups, GUINT_TO_POINTER(row->role));
    walk_add(walk, &change);
    access_state_remove_membership(walk->state, row);
}

/* The options that the declaration names and the server knows; the others are noted. */
static void
declared_options(Walk *walk, const MembershipDecl *decl, OptBool *ret_options)
{
    const OptBool declared[] = {
        [MEMBERSHIP_OPTION_ADMIN] = decl->admin,
        [MEMBERSHIP_OPTION_INHERIT] = decl->inherit,
        [MEMBERSHIP_OPTION_SET] = decl->set,
    };

    for (unsigned i = 0; i < MEMBERSHIP_OPTION_COUNT; i++) {
        ret_options[i] = declared[i];
        if (!declared[i].given || i == MEMBERSHIP_OPTION_ADMIN ||
            server_has(walk->state->major_version, SERVER_MEMBERSHIP_OPTIONS))
            continue;
        ret_options[i].given = false;
        findings_add(walk->input->notes, &FINDING_FEATURE_UNSUPPORTED, declared[i].pos, NULL,
                     "membership in \"%s\": INHERIT and SET options exist from PostgreSQL %d on; "
                     "left out on version %d",
                     decl->role, server_feature_since(SERVER_MEMBERSHIP_OPTIONS),
                     walk->state->major_version);
    }
}

static void
grant_new_membership(Walk *walk, const MembershipDecl *decl, NameId role, NameId member,
                     const OptBool *options)
{
    const StateRole *member_role = access_state_role(walk->state, member);
    bool has_options = server_has(walk->state->major_version, SERVER_MEMBERSHIP_OPTIONS);
    bool is_bootstrap = has_options && walk->authority->is_superuser;
    Change change = membership_change(walk, CHANGE_MEMBERSHIP_GRANT, decl, role, member);
    StateMembership *row = NULL;

    if (!walk_may(walk, &change, NULL))
        return;
    row = access_state_add_membership(
        walk->state, role, member, is_bootstrap ? walk->state->bootstrap_superuser : walk->creator);
    if (has_options)
        row->inherit = member_role->attributes[ROLE_ATTRIBUTE_INHERIT];
    for (unsigned i = 0; i < MEMBERSHIP_OPTION_COUNT; i++) {
        MembershipFlag *flag = option_of(row, (MembershipOption)i);

        if (!options[i].given || *flag == options[i].value)
            continue;
        *flag = options[i].value;
        change.membership.options[i] = options[i];
    }
    walk_add(walk, &change);
    authority_add(walk->authority, row);
}

/* true: one row that has the option is enough; false: no row may have it. */
static void
converge_option(Walk *walk, const MembershipDecl *decl, const List *rows, MembershipOption option,
                bool wanted)
{
    bool has_options = server_has(walk->state->major_version, SERVER_MEMBERSHIP_OPTIONS);

    if (wanted) {
        LIST_FOREACH (StateMembership, row, rows) {
            if (*option_of(row, option))
                return;
        }
    }
    LIST_FOREACH (StateMembership, row, rows) {
        Change change = membership_change(walk,
                                          wanted || option != MEMBERSHIP_OPTION_ADMIN
                                              ? CHANGE_MEMBERSHIP_GRANT
                                              : CHANGE_MEMBERSHIP_REVOKE,
                                          decl, row->role, row->member);

        if (*option_of(row, option) == wanted)
            continue;
        if (change.kind == CHANGE_MEMBERSHIP_REVOKE)
            release_dependents(walk, row, decl->pos);
        *option_of(row, option) = wanted;
        /* Who cannot act for the grantor grants it itself: one row that has the option is enough.
         */
        if (has_options &&
            (!wanted || authority_has_privileges_of(walk->authority, row->grantor, NAME_NONE)))
            change.membership.grantor = row->grantor;
        change.membership.options[option] = (OptBool){ .given = true, .value = wanted };
        walk_add(walk, &change);
        if (wanted)
            return;
    }
}

/*
 * ADMIN that 16 and later gave the creator of a role makes it no member that could use the role; a
 * declared membership then has to say so, for a plain GRANT would leave the row as it is.
 */
static void
ask_for_use(Walk *walk, const List *rows, NameId member, OptBool *options)
{
    const StateRole *role = access_state_role(walk->state, member);

    LIST_FOREACH (const StateMembership, row, rows) {
        if (!authority_is_creators_own(walk->state, row))
            return;
    }
    if (!options[MEMBERSHIP_OPTION_INHERIT].given)
        options[MEMBERSHIP_OPTION_INHERIT] =
            (OptBool){ .given = true, .value = role->attributes[ROLE_ATTRIBUTE_INHERIT] };
    if (!options[MEMBERSHIP_OPTION_SET].given)
        options[MEMBERSHIP_OPTION_SET] = (OptBool){ .given = true, .value = true };
}

static void
walk_membership(Walk *walk, GHashTable *groups_of, const MembershipDecl *decl, NameId member)
{
    OptBool options[MEMBERSHIP_OPTION_COUNT] = { { .given = false } };
    g_autofree char *purpose = g_strdup_printf("membership of \"%s\" in \"%s\"",
                                               names_text(walk->names, member), decl->role);
    NameId role = NAME_NONE;
    const List *rows = NULL;

    if (decl->absent) {
        role = names_find(walk->names, decl->role);
        if (role != NAME_NONE)
            revoke_membership(walk, decl, role, member);
        return;
    }
    role = walk_require_role(walk, decl->role, decl->pos, purpose);
    if (role == NAME_NONE)
        return;
    declared_options(walk, decl, options);
    rows = access_state_memberships_of(walk->state, role, member);
    if (rows == NULL) {
        if (closes_circle(walk, groups_of, decl, role, member))
            return;
        grant_new_membership(walk, decl, role, member, options);
        add_group_of(walk, groups_of, role, member);
        return;
    }
    ask_for_use(walk, rows, member, options);
    for (unsigned i = 0; i < MEMBERSHIP_OPTION_COUNT; i++) {
        if (options[i].given)
            converge_option(walk, decl, rows, (MembershipOption)i, options[i].value);
    }
}

void
walk_memberships(Walk *walk)
{
    g_autoptr(GHashTable) groups_of = g_hash_table_new(NULL, NULL);

    LIST_FOREACH (const StateMembership, row, &walk->state->memberships)
        add_group_of(walk, groups_of, row->role, row->member);
    LIST_FOREACH (const RoleDecl, decl, &walk->cluster->roles) {
        if (decl->absent ||
            access_state_role(walk->state, names_intern(walk->names, decl->name)) == NULL)
            continue;
        for (size_t i = 0; i < decl->memberships.count; i++) {
            const MembershipDecl *membership = decl->memberships.items[i];
            bool overridden = false;

            for (size_t j = i + 1; !overridden && j < decl->memberships.count; j++) {
                const MembershipDecl *later = decl->memberships.items[j];

                overridden = strcmp(later->role, membership->role) == 0 &&
                             later->absent != membership->absent;
            }
            if (!overridden)
                walk_membership(walk, groups_of, membership, names_intern(walk->names, decl->name));
        }
    }
}
