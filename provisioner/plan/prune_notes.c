/* One note for each role and place. */
#include "provisioner/plan/prune_notes.h"

#include <string.h>

#include "provisioner/catalog/prune_catalog.h"
#include "provisioner/findings.h"
#include "provisioner/server/answer.h"

typedef struct ClassWords {
    const char *object_class;
    const char *words;
    bool dies; /* cannot have another owner: DROP OWNED takes it away */
} ClassWords;

static const ClassWords class_words[] = {
    { "pg_class", "relations", false },
    { "pg_proc", "functions", false },
    { "pg_type", "types", false },
    { "pg_namespace", "schemas", false },
    { "pg_database", "databases", false },
    { "pg_tablespace", "tablespaces", false },
    { "pg_default_acl", "default privileges", true },
    { "pg_largeobject", "large objects", false },
    { "pg_policy", "policies", false },
    { "pg_user_mapping", "user mappings", true },
    { "pg_auth_members", "memberships", false },
    { "pg_parameter_acl", "parameters", false },
    { "pg_extension", "extensions", false },
    { "pg_foreign_data_wrapper", "foreign data wrappers", false },
    { "pg_foreign_server", "foreign servers", false },
    { "pg_event_trigger", "event triggers", false },
    { "pg_publication", "publications", false },
    { "pg_subscription", "subscriptions", false },
    { "pg_statistic_ext", "extended statistics", false },
    { "pg_language", "languages", false },
    { "pg_collation", "collations", false },
    { "pg_operator", "operators", false },
};

static const ClassWords *
words_of_class(const char *object_class)
{
    for (size_t i = 0; i < G_N_ELEMENTS(class_words); i++) {
        if (strcmp(class_words[i].object_class, object_class) == 0)
            return &class_words[i];
    }
    return NULL;
}

/*
 * How a role is named in a sentence about what depends on it, by pg_shdepend's letter. deptype of
 * pg_shdepend: o is the owner, a an ACL entry, r a role in a policy; any other, such as i for
 * pg_init_privs from 17 on, keeps the role from being dropped as well.
 */
static const char *
verb_of(const PruneCount *count)
{
    const ClassWords *words = words_of_class(count->object_class);

    switch (count->dependency) {
    case 'o':
        return words != NULL && words->dies ? "loses" : "owns";
    case 'a':
        return "holds or has granted privileges on";
    case 'r':
        return "is referenced by";
    default:
        return "is referenced by";
    }
}

/* The change that drops the role; NULL when none does. */
static const Change *
drop_of(const List *drops, NameId role)
{
    LIST_FOREACH (const Change, drop, drops) {
        if (drop->name == role)
            return drop;
    }
    return NULL;
}

/*
 * One line for each role and database, with counts by class: it shows the scope of the loss before
 * anything is confirmed.
 */
static void
add_note(const PruneInput *input, const PruneCount *first, const char *what, const List *drops)
{
    const Names *names = input->state->names;
    const Change *drop = drop_of(drops, first->role);
    const char *place =
        first->database == NAME_NONE
            ? "in shared objects"
            : arena_printf(input->arena, "in database \"%s\"", names_text(names, first->database));

    findings_add(input->notes, &FINDING_PRUNE_PREFLIGHT, drop->declared_at, NULL,
                 "%s, role \"%s\" %s; objects it owns are reassigned to \"%s\"", place,
                 names_text(names, first->role), what,
                 names_text(names, change_role_drop(drop)->reassign_to));
}

void
prune_note_counts(const PruneInput *input, const List *counts, const List *drops)
{
    g_autoptr(GString) what = g_string_new(NULL);
    const PruneCount *first = NULL;
    const char *verb = NULL;

    LIST_FOREACH (const PruneCount, count, counts) {
        const ClassWords *words = words_of_class(count->object_class);

        if (first != NULL && (first->role != count->role || first->database != count->database)) {
            add_note(input, first, what->str, drops);
            g_string_truncate(what, 0);
            verb = NULL;
        }
        if (verb == NULL)
            first = count;
        if (g_strcmp0(verb, verb_of(count)) != 0)
            g_string_append_printf(what, "%s%s ", verb == NULL ? "" : "; ", verb_of(count));
        else
            g_string_append(what, ", ");
        verb = verb_of(count);
        g_string_append_printf(what, "%s (%s)", words != NULL ? words->words : count->object_class,
                               count->count);
    }
    if (first != NULL)
        add_note(input, first, what->str, drops);
}

/*
 * DROP ROLE ends all memberships in the role (user.c DropRole() deletes the rows of
 * pg_auth_members) without any error.
 */
void
prune_note_members(const PruneInput *input, const List *drops)
{
    const AccessState *state = input->state;

    LIST_FOREACH (const Change, drop, drops) {
        g_autoptr(GString) members = g_string_new(NULL);

        LIST_FOREACH (const StateMembership, row, &state->memberships) {
            if (row->role == drop->name && drop_of(drops, row->member) == NULL)
                g_string_append_printf(members, "%s\"%s\"", members->len > 0 ? ", " : "",
                                       names_text(state->names, row->member));
        }
        if (members->len > 0)
            findings_add(input->notes, &FINDING_PRUNE_MEMBERS, drop->declared_at, NULL,
                         "%s: privileges inherited from role \"%s\" are lost", members->str,
                         names_text(state->names, drop->name));
    }
}

/*
 * A prepared transaction keeps its locks without a session, so no pg_terminate_backend() can clear
 * the way.
 */
bool
prune_note_prepared(const PruneInput *input, const char *roles, const List *drops, GError **error)
{
    g_autoptr(PGresult) result =
        answer_ask(input->arena, input->session, "catalog/prepared_transactions.sql",
                   (SqlValue[]){ { "roles", roles }, { 0 } }, error);

    if (result == NULL)
        return false;
    for (int row = 0; row < PQntuples(result); row++) {
        const char *owner = session_text(result, row, "owner");
        const Change *drop = drop_of(drops, names_find(input->state->names, owner));

        findings_add(
            input->notes, &FINDING_PRUNE_PREPARED, drop->declared_at,
            "commit them or roll them back first",
            "role \"%s\" has prepared transactions (%s) in database \"%s\": their locks may block "
            "the removal",
            owner, session_text(result, row, "transactions"),
            session_text(result, row, "database"));
    }
    return true;
}

/* A state has neither dependencies nor contents: pg_shdepend is looked at for a drop, and no
 * sooner. */
static const char *
unseen_text(const PruneInput *input, const Change *change)
{
    const Names *names = input->state->names;
    const char *name = names_text(names, change->name);

    switch (change->kind) {
    case CHANGE_ROLE_DROP:
        return arena_printf(input->arena,
                            "what role \"%s\" owns and holds is unknown without a server: a plan "
                            "against the server also reassigns and revokes it",
                            name);
    case CHANGE_DATABASE_DROP:
        return arena_printf(
            input->arena,
            "whether database \"%s\" holds data is unknown without a server: a plan "
            "against the server is refused if it does",
            name);
    case CHANGE_SCHEMA_DROP:
        return arena_printf(
            input->arena,
            "whether schema \"%s\" of database \"%s\" is empty is unknown without a "
            "server: a plan against the server is refused if it is not",
            name, names_text(names, change->database));
    default:
        return NULL;
    }
}

/*
 * From a file or offline nobody can look into databases; the plan says so instead of showing a
 * shorter plan as the whole one.
 */
void
prune_note_unseen(const PruneInput *input, const List *changes)
{
    LIST_FOREACH (const Change, change, changes) {
        const char *text = unseen_text(input, change);

        if (text != NULL)
            findings_add(input->notes, &FINDING_PRUNE_UNSEEN, change->declared_at, NULL, "%s",
                         text);
    }
}
