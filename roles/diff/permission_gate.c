/*
 * What the executor may not do: the policy's wishes are left out and told together, a person's are
 * kept with the reason; where one membership is all that is missing and the executor may give it to
 * itself, that becomes a change.
 */
#include <string.h>

#include "base/printable.h"
#include "inventory/model/server_feature.h"
#include "roles/diff/diff_context.h"

/* So many names are told of one kind; the rest is counted. */
#define LEFT_OUT_NAMES_MAX 5

static const char *
quoted(Walk *walk, NameId name)
{
    g_autoptr(GString) out = g_string_new("\"");

    printable_append(out, names_text(walk->names, name));
    g_string_append_c(out, '"');
    return arena_strdup(walk->arena, out->str);
}

static const char *
objects_in(Walk *walk, NameId database)
{
    return database == NAME_NONE
               ? "tablespaces and parameters"
               : arena_printf(walk->arena, "objects in database %s", quoted(walk, database));
}

static const char *
subject_by_name(Walk *walk, const Change *change)
{
    if (change->database == NAME_NONE || change->database == change->name)
        return quoted(walk, change->name);
    return arena_printf(walk->arena, "%s in database %s", quoted(walk, change->name),
                        quoted(walk, change->database));
}

/* What of the change tells a reader most: the role concerned, or the object and its database. */
static const char *
subject_of(Walk *walk, const Change *change)
{
    switch (change_kind_info(change->kind)->payload) {
    case CHANGE_PAYLOAD_DEFAULT_ACL:
        return quoted(walk, GPOINTER_TO_UINT(change->default_acl.creators.items[0]));
    case CHANGE_PAYLOAD_MEMBERSHIP:
        return quoted(walk, GPOINTER_TO_UINT(change->membership.groups.items[0]));
    case CHANGE_PAYLOAD_OBJECT_OWNER:
        return objects_in(walk, change->database);
    case CHANGE_PAYLOAD_ACL:
        if (change->acl.target == ACL_TARGET_OBJECTS)
            return objects_in(walk, change->database);
        if (change->acl.target == ACL_TARGET_FUNCTIONS)
            return arena_printf(walk->arena, "functions of pg_catalog in database %s",
                                quoted(walk, change->database));
        return subject_by_name(walk, change);
    default:
        return subject_by_name(walk, change);
    }
}

static LeftOut *
ensure_left_out(Walk *walk, const Change *change, const Refusal *refusal)
{
    LeftOut *added = NULL;

    LIST_FOREACH (LeftOut, left_out, &walk->left_out) {
        if (left_out->kind == change->kind && strcmp(left_out->refusal->lacks, refusal->lacks) == 0)
            return left_out;
    }
    added = ARENA_NEW(walk->arena, LeftOut);
    *added = (LeftOut){ .kind = change->kind, .refusal = refusal, .pos = change->declared_at };
    list_add(walk->arena, &walk->left_out, added);
    return added;
}

static void
leave_out(Walk *walk, const Change *change, const Refusal *refusal)
{
    LeftOut *left_out = ensure_left_out(walk, change, refusal);
    const char *subject = subject_of(walk, change);

    if (change->kind == CHANGE_ROLE_CREATE)
        g_hash_table_add(walk->left_out_roles, GUINT_TO_POINTER(change->name));
    LIST_FOREACH (const char, name, &left_out->names) {
        if (strcmp(name, subject) == 0)
            return;
    }
    list_add(walk->arena, &left_out->names, subject);
}

static void
tell(Walk *walk, const LeftOut *left_out)
{
    const Refusal *refusal = left_out->refusal;
    g_autoptr(GString) names = g_string_new(NULL);
    const char *hint = "Let a superuser apply the inventory once.";

    for (size_t i = 0; i < left_out->names.count && i < LEFT_OUT_NAMES_MAX; i++)
        g_string_append_printf(names, "%s %s", i > 0 ? "," : "",
                               (const char *)left_out->names.items[i]);
    if (left_out->names.count > LEFT_OUT_NAMES_MAX)
        g_string_append_printf(names, " and %zu more", left_out->names.count - LEFT_OUT_NAMES_MAX);
    if (refusal->help != NULL)
        hint = arena_printf(walk->arena, "Let a superuser run %s, or apply the inventory once.",
                            refusal->help);
    findings_add(walk->input->notes, &FINDING_POLICY_STEP_SKIPPED, left_out->pos, hint,
                 "left out of the policy: %s%s: %s", change_kind_info(left_out->kind)->words,
                 names->str, refusal->lacks);
}

void
walk_tell_left_out(Walk *walk)
{
    LIST_FOREACH (const LeftOut, left_out, &walk->left_out)
        tell(walk, left_out);
}

/* GRANT role TO executor; from 16 on CREATE ROLE gives its creator no more than ADMIN. */
static void
join_role(Walk *walk, NameId role, SourcePos because)
{
    AccessState *state = walk->state;
    Change change = { .kind = CHANGE_MEMBERSHIP_GRANT, .declared_at = because };
    StateMembership *row =
        access_state_add_membership(state, role, state->executor, state->executor);

    change.name = state->executor;
    list_add(walk->arena, &change.membership.groups, GUINT_TO_POINTER(role));
    row->inherit = row->set = true;
    if (server_has(state->major_version, SERVER_MEMBERSHIP_OPTIONS)) {
        change.membership.options[MEMBERSHIP_OPTION_INHERIT] =
            (OptBool){ .given = true, .value = true };
        change.membership.options[MEMBERSHIP_OPTION_SET] =
            (OptBool){ .given = true, .value = true };
    }
    walk_add(walk, &change);
    authority_add(walk->authority, row);
    findings_add(walk->input->notes, &FINDING_SESSION_ROLE_JOINS, because,
                 "It stays a member; revoke it by hand when nothing is left to do.",
                 "role \"%s\" is granted to the executor \"%s\", which cannot act for it otherwise",
                 names_text(walk->names, role), names_text(walk->names, state->executor));
}

bool
walk_may(Walk *walk, Change *change, const AuthorityObject *object)
{
    bool is_policy = walk->by_default || source_pos_is_policy(change->declared_at);
    const Refusal *refusal = NULL;

    if (walk->authority->is_superuser)
        return true;
    refusal = authority_check(walk->authority, change, object);
    if (refusal != NULL && refusal->become != NAME_NONE && !is_policy &&
        authority_may_join(walk->authority, refusal->become)) {
        join_role(walk, refusal->become, change->declared_at);
        refusal = authority_check(walk->authority, change, object);
    }
    if (refusal != NULL && is_policy) {
        leave_out(walk, change, refusal);
        return false;
    }
    change->refusal = refusal;
    return true;
}

bool
walk_is_implied(SourcePos value, SourcePos entry)
{
    return value.file == NULL || (value.line == entry.line && value.column == entry.column);
}

static void
join_owner(Walk *walk, const OptText *owner)
{
    NameId role = owner->value == NULL ? NAME_NONE : names_find(walk->names, owner->value);

    if (role == NAME_NONE || source_pos_is_policy(owner->pos) ||
        (authority_can_be(walk->authority, role) &&
         authority_has_privileges_of(walk->authority, role, NAME_NONE)) ||
        !authority_may_join(walk->authority, role))
        return;
    join_role(walk, role, owner->pos);
}

/*
 * Before anything else is judged by memberships, or the next plan would find the executor more
 * powerful than this one did, and not be empty.
 */
void
walk_join_owners(Walk *walk)
{
    if (walk->authority->is_superuser)
        return;
    LIST_FOREACH (const DatabaseDecl, decl, &walk->cluster->databases) {
        NameId name = names_find(walk->names, decl->name);
        const StateDatabase *database =
            name == NAME_NONE ? NULL : access_state_database(walk->state, name);

        if (decl->state == DATABASE_ABSENT)
            continue;
        if (database == NULL ||
            g_strcmp0(names_text(walk->names, database->owner), decl->owner.value) != 0)
            join_owner(walk, &decl->owner);
        LIST_FOREACH (const SchemaDecl, schema, &decl->schemas) {
            NameId id = names_find(walk->names, schema->name);

            if (!schema->absent && (database == NULL || id == NAME_NONE ||
                                    state_database_schema(database, id) == NULL))
                join_owner(walk, &schema->owner);
        }
    }
}

/* What CREATE ROLE gives its creator from 16 on. */
void
walk_created_role(Walk *walk, NameId role)
{
    AccessState *state = walk->state;
    StateMembership *row = NULL;

    if (walk->authority->is_superuser ||
        !server_has(state->major_version, SERVER_MEMBERSHIP_OPTIONS))
        return;
    row = access_state_add_membership(state, role, state->executor, state->bootstrap_superuser);
    row->admin = true;
    row->inherit = row->set = false;
    authority_add(walk->authority, row);
    if (state->self_grants_inherit || state->self_grants_set) {
        row = access_state_add_membership(state, role, state->executor, state->executor);
        row->inherit = state->self_grants_inherit;
        row->set = state->self_grants_set;
        authority_add(walk->authority, row);
    }
}
