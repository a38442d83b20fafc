/*
 * A REVOKE takes an entry of an ACL and nothing else. Every ACL for which something is declared
 * absent is asked for other ways to the same privilege, as it is at the end of the plan; groups of
 * objects are asked once. What they say is gathered, so that an entry that means many objects has
 * one note.
 */
#include "roles/diff/absences.h"

#include <string.h>

#include "roles/diff/column_conflicts.h"
#include "roles/diff/table_index.h"
#include "roles/permission/access_ways.h"

/* The ways that one note names; few objects have more. */
#define WAYS_NAMED_MAX 5

typedef struct Absences {
    Diff *diff;
    AccessWays *ways;
    GHashTable *by_entry; /* text -> AbsenceNote */
    GHashTable *naming;   /* texts: the places of entries that name objects */
    List notes;           /* AbsenceNote, in the order found */
} Absences;

/* One ACL, and what holds it: one of the pointers, or none of them for the database's own. */
typedef struct Subject {
    const StateDatabase *database; /* NULL: shared objects */
    const ObjectGroup *group;
    const StateSchema *schema;
    const StateColumn *column;
    const StateDefaultAcl *row;
    AccessedObject object;
    AccessedObject outer; /* of a column its table, of a default privilege in a schema the global */
} Subject;

/* What is to be said of one entry and grantee. */
typedef struct AbsenceNote {
    const AclDeclaration *absent;
    const FindingKind *kind;
    bool is_default;
    const char *subject;  /* the first */
    size_t subject_count; /* how many objects that are */
    size_t count;         /* of all objects or default privileges */
    PrivilegeSet privileges;
    List ways;  /* const char */
    List hints; /* const char */
} AbsenceNote;

static void
subject_clear(Subject *subject)
{
    accessed_object_clear(&subject->object);
    accessed_object_clear(&subject->outer);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Subject, subject_clear)

static const char *
describe_default(const Diff *diff, const StateDatabase *database, const StateDefaultAcl *row)
{
    g_autofree char *what = g_ascii_strdown(default_acl_type_keyword(row->type), -1);
    const char *where =
        row->schema == NAME_NONE
            ? ""
            : arena_printf(diff->arena, " in schema \"%s\"", names_text(diff->names, row->schema));

    return arena_printf(diff->arena, "%s that role \"%s\" creates%s in database \"%s\"", what,
                        names_text(diff->names, row->creator), where,
                        names_text(diff->names, database->name));
}

static void
gather_naming(const Diff *diff, const List *grants, GHashTable *naming)
{
    LIST_FOREACH (const GrantDecl, grant, grants) {
        if (grant->names.count > 0)
            g_hash_table_add(naming, (gpointer)pos_text(diff->arena, grant->pos));
    }
}

/*
 * What an entry names is called by its name, and so is what lies in no schema. Of other groups a
 * server is not always asked for names, and a note must not depend on that.
 */
static const char *
describe_group(const Diff *diff, const StateDatabase *database, const ObjectGroup *group,
               bool entry_names)
{
    const ObjectIdentity *only =
        group->is_named && group->count == 1 ? group->identities.items[0] : NULL;
    const char *name = NULL;

    if (only == NULL || group->kind == GRANT_KIND_LARGE_OBJECT ||
        (group->schema != NAME_NONE && !entry_names))
        return diff_describe_group(diff, database, group);
    name = arena_printf(diff->arena, "\"%s\"", only->name);
    if (group->schema != NAME_NONE)
        name = arena_printf(diff->arena, "\"%s\".%s", names_text(diff->names, group->schema), name);
    name = arena_printf(diff->arena, "%s %s", grant_kind_info(group->kind)->singular, name);
    return database == NULL ? name
                            : arena_printf(diff->arena, "%s of database \"%s\"", name,
                                           names_text(diff->names, database->name));
}

static const char *
describe(const Diff *diff, const Subject *subject, bool entry_names)
{
    const char *database =
        subject->database == NULL ? "" : names_text(diff->names, subject->database->name);

    if (subject->group != NULL)
        return describe_group(diff, subject->database, subject->group, entry_names);
    if (subject->column != NULL)
        return diff_describe_column(diff, subject->database, subject->column);
    if (subject->row != NULL)
        return describe_default(diff, subject->database, subject->row);
    if (subject->schema != NULL)
        return arena_printf(diff->arena, "schema \"%s\" of database \"%s\"",
                            names_text(diff->names, subject->schema->name), database);
    return arena_printf(diff->arena, "database \"%s\"", database);
}

/* Whether the built-in default of the creator's objects gives it, whatever is in pg_default_acl. */
static bool
is_built_in(const Diff *diff, const StateDefaultAcl *row, const AccessWay *way, NameId grantee)
{
    const Acl acl = acl_default(diff->arena, object_kind_of_default(row->type), row->creator,
                                diff->state->major_version);

    return (acl_held_by(&acl, grantee).privileges & way->privileges) == way->privileges;
}

static const char *
text_of_own(const Diff *diff, const Subject *subject, const AccessWay *way, NameId grantee)
{
    if (subject->row == NULL)
        return "by a grant on the whole table";
    if (is_built_in(diff, subject->row, way, grantee))
        return "by PostgreSQL's built-in default";
    return arena_printf(diff->arena, "by the global default privileges of role \"%s\"",
                        names_text(diff->names, subject->row->creator));
}

static const char *
text_of(const Diff *diff, const Subject *subject, const AccessedObject *object,
        const AccessWay *way, NameId grantee)
{
    const char *of_table =
        subject->column != NULL && object == &subject->outer ? " on the whole table" : "";
    const char *role = names_text(diff->names, way->role);

    switch (way->kind) {
    case ACCESS_WAY_SUPERUSER:
        return "as a superuser";
    case ACCESS_WAY_OWN:
        return text_of_own(diff, subject, way, grantee);
    case ACCESS_WAY_OWNER:
        return "as the owner";
    case ACCESS_WAY_PUBLIC:
        return arena_printf(diff->arena, "through PUBLIC%s", of_table);
    case ACCESS_WAY_PREDEFINED:
        return arena_printf(diff->arena, "as a member of \"%s\"", role);
    default:
        return arena_printf(diff->arena, "as a member of %s\"%s\"%s",
                            way->role == object->owner ? "the owner " : "", role, of_table);
    }
}

static const char *
hint_of_own(const Subject *subject)
{
    return subject->row == NULL
               ? "an entry with state: absent and without columns takes it; grant the other columns"
               : "revoke it globally, without IN SCHEMA, and grant it in the other schemas";
}

static const char *
hint_of_public(const Diff *diff, const Subject *subject, const AccessedObject *object,
               const AccessWay *way)
{
    const StateDefaultAcl *row = subject->row;
    const char *in_schema = "";

    if (row == NULL)
        return "an entry with to: PUBLIC and state: absent takes it from all roles; grant it to "
               "those that need it";
    if (row->schema != NAME_NONE && object == &subject->object)
        in_schema =
            arena_printf(diff->arena, "IN SCHEMA %s ", names_text(diff->names, row->schema));
    return arena_printf(diff->arena,
                        "%sREVOKE %s ON %s FROM PUBLIC in pg_default_privileges takes it from all "
                        "roles; grant it to those that need it",
                        in_schema, privilege_set_text(diff->arena, way->privileges),
                        default_acl_type_keyword(row->type));
}

/* The owner of the database is pg_database_owner without a membership. */
static const char *
how_to_leave(const Diff *diff, const AccessWay *way, NameId grantee)
{
    const char *role = names_text(diff->names, way->role);
    const char *member = names_text(diff->names, grantee);

    if (strcmp(role, "pg_database_owner") == 0)
        return "give the database another owner";
    if (access_state_memberships_of(diff->state, way->role, grantee) == NULL)
        return arena_printf(diff->arena, "end a membership between \"%s\" and \"%s\"", member,
                            role);
    return arena_printf(diff->arena,
                        "end the membership ({name: %s, state: absent} in the roles of \"%s\")",
                        role, member);
}

static const char *
hint_of(const Diff *diff, const Subject *subject, const AccessedObject *object,
        const AccessWay *way, NameId grantee)
{
    switch (way->kind) {
    case ACCESS_WAY_SUPERUSER:
        return arena_printf(diff->arena, "superuser: false in the entry of \"%s\"",
                            names_text(diff->names, grantee));
    case ACCESS_WAY_OWN:
        return hint_of_own(subject);
    case ACCESS_WAY_OWNER:
        return "give it another owner (owners)";
    case ACCESS_WAY_PUBLIC:
        return hint_of_public(diff, subject, object, way);
    case ACCESS_WAY_INHERITED:
        return arena_printf(diff->arena, "%s, or take it from \"%s\"",
                            how_to_leave(diff, way, grantee), names_text(diff->names, way->role));
    default:
        return how_to_leave(diff, way, grantee);
    }
}

static void
add_text(const Diff *diff, List *texts, const char *text)
{
    LIST_FOREACH (const char, known, texts) {
        if (strcmp(known, text) == 0)
            return;
    }
    if (texts->count < WAYS_NAMED_MAX)
        list_add(diff->arena, texts, text);
}

/* A role that this plan drops passes nothing on. */
static bool
is_dropped(const Diff *diff, NameId role)
{
    const DepartedRole *departed = role == NAME_NONE ? NULL : scope_departed(diff->scope, role);

    return departed != NULL && departed->is_dropped;
}

static size_t
subject_size(const Subject *subject)
{
    return subject->group == NULL ? 1 : subject->group->count;
}

static AbsenceNote *
ensure_note(Absences *absences, const Subject *subject, const AclDeclaration *absent)
{
    Diff *diff = absences->diff;
    const char *place = pos_text(diff->arena, absent->declared_at);
    const char *key =
        arena_printf(diff->arena, "%s %u %u %d %d", place, absent->entry.grantee,
                     subject->object.kind, subject->row != NULL, absent->entry.privileges != 0);
    AbsenceNote *note = g_hash_table_lookup(absences->by_entry, key);

    if (note != NULL)
        return note;
    note = ARENA_NEW(diff->arena, AbsenceNote);
    *note = (AbsenceNote){
        .absent = absent,
        .kind = &FINDING_ABSENT_STILL_ALLOWED,
        .is_default = subject->row != NULL,
        .subject = describe(diff, subject, g_hash_table_contains(absences->naming, place)),
        .subject_count = subject_size(subject),
    };
    g_hash_table_insert(absences->by_entry, (gpointer)key, note);
    list_add(diff->arena, &absences->notes, note);
    return note;
}

static bool
add_ways(Absences *absences, const Subject *subject, const AccessedObject *object,
         const AclDeclaration *absent)
{
    const Diff *diff = absences->diff;
    NameId grantee = absent->entry.grantee;
    List found = { 0 };
    AbsenceNote *note = NULL;

    if (object->entries == NULL)
        return false;
    found = access_ways_find(absences->ways, object, &absent->entry);
    LIST_FOREACH (const AccessWay, way, &found) {
        if (is_dropped(diff, way->role))
            continue;
        note = ensure_note(absences, subject, absent);
        note->privileges |= way->privileges;
        if (way->kind == ACCESS_WAY_OWN && subject->row != NULL)
            note->kind = &FINDING_DEFAULT_REVOKE_INEFFECTIVE;
        add_text(diff, &note->ways, text_of(diff, subject, object, way, grantee));
        add_text(diff, &note->hints, hint_of(diff, subject, object, way, grantee));
    }
    return note != NULL;
}

/*
 * What the policy revokes is its own affair, and what has ended has not been forbidden. Who does
 * not exist, or not any more after this plan, has nothing.
 */
static bool
is_of_interest(const Diff *diff, const AclDeclaration *absent)
{
    NameId grantee = absent->entry.grantee;

    return !absent->ended && !source_pos_is_policy(absent->declared_at) &&
           (absent->entry.privileges | absent->entry.grantable) != 0 &&
           (grantee == NAME_PUBLIC ||
            (access_state_role(diff->state, grantee) != NULL && !is_dropped(diff, grantee)));
}

/* The conflict of two entries has been reported: the plan is refused, and no note is needed. */
static void
look_at(Absences *absences, const Subject *subject, const AclDeclarations *declared)
{
    LIST_FOREACH (const AclDeclaration, absent, &declared->absent) {
        bool has_inner = false;
        bool has_outer = false;

        if (!is_of_interest(absences->diff, absent) ||
            (subject->column != NULL && column_conflict_is_reported(absences->diff, absent)))
            continue;
        has_outer = add_ways(absences, subject, &subject->outer, absent);
        has_inner = add_ways(absences, subject, &subject->object, absent);
        if (has_inner || has_outer)
            ensure_note(absences, subject, absent)->count += subject_size(subject);
    }
}

static void
look_at_groups(Absences *absences, const StateDatabase *database, const List *groups)
{
    const Diff *diff = absences->diff;

    LIST_FOREACH (const ObjectGroup, group, groups) {
        g_auto(Subject) subject = { .database = database, .group = group };

        if (group->declared.absent.count == 0)
            continue;
        subject.object = (AccessedObject){
            .kind = object_group_acl_kind(group->kind),
            .owner = group->owner,
            .database = database,
            .is_catalog_table = group->kind == GRANT_KIND_TABLE &&
                                strcmp(names_text(diff->names, group->schema), "pg_catalog") == 0,
        };
        accessed_object_init(&subject.object, &group->acl);
        look_at(absences, &subject, &group->declared);
    }
}

/* What the grantee has on the table it has on each of its columns (pg_attribute_aclmask()). */
static void
look_at_column(Absences *absences, const StateDatabase *database, const StateColumn *column,
               const ObjectGroup *table)
{
    g_auto(Subject) subject = { .database = database, .column = column };

    subject.object = (AccessedObject){
        .kind = OBJECT_KIND_COLUMN,
        .owner = column->owner,
        .database = database,
    };
    accessed_object_init(&subject.object, &column->acl);
    if (table != NULL) {
        subject.outer = (AccessedObject){
            .kind = OBJECT_KIND_TABLE,
            .owner = table->owner,
            .database = database,
            .counts_own = true,
        };
        accessed_object_init(&subject.outer, &table->acl);
    }
    look_at(absences, &subject, &column->declared);
}

static void
look_at_columns(Absences *absences, const StateDatabase *database)
{
    g_autoptr(GHashTable) tables = NULL;

    LIST_FOREACH (const StateColumn, column, &database->columns) {
        if (column->declared.absent.count == 0)
            continue;
        if (tables == NULL)
            tables = table_index_new(database);
        look_at_column(absences, database, column, table_index_find(tables, column->table));
    }
}

/* A row of a schema adds to the global one, or to the built-in default, and takes nothing from it
 * (get_user_default_acl() in aclchk.c). */
static void
look_at_default(Absences *absences, StateDatabase *database, const StateDefaultAcl *row)
{
    g_auto(Subject) subject = { .database = database, .row = row };

    subject.object = (AccessedObject){
        .kind = object_kind_of_default(row->type),
        .owner = row->creator,
        .database = database,
    };
    accessed_object_init(&subject.object, &row->acl);
    if (row->schema != NAME_NONE) {
        const Acl global = state_database_creation_acl(absences->diff->state, database,
                                                       row->creator, NAME_NONE, row->type);

        subject.outer = subject.object;
        subject.outer.counts_own = true;
        accessed_object_init(&subject.outer, &global);
    }
    look_at(absences, &subject, &row->declared);
}

static void
look_at_database(Absences *absences, StateDatabase *database)
{
    g_auto(Subject) subject = { .database = database };

    subject.object = (AccessedObject){
        .kind = OBJECT_KIND_DATABASE,
        .owner = database->owner,
        .database = database,
    };
    accessed_object_init(&subject.object, &database->acl);
    look_at(absences, &subject, &database->declared);
    LIST_FOREACH (const StateDefaultAcl, row, &database->default_acls) {
        if (row->declared.absent.count > 0)
            look_at_default(absences, database, row);
    }
    LIST_FOREACH (const StateSchema, schema, &database->schemas) {
        g_auto(Subject) of_schema = { .database = database, .schema = schema };

        if (schema->declared.absent.count == 0)
            continue;
        of_schema.object = (AccessedObject){
            .kind = OBJECT_KIND_SCHEMA,
            .owner = schema->owner,
            .database = database,
        };
        accessed_object_init(&of_schema.object, &schema->acl);
        look_at(absences, &of_schema, &schema->declared);
    }
    look_at_groups(absences, database, &database->groups);
    look_at_columns(absences, database);
}

static const char *
joined(const Diff *diff, const List *texts, const char *separator)
{
    g_autoptr(GString) out = g_string_new(NULL);

    LIST_FOREACH (const char, text, texts)
        g_string_append_printf(out, "%s%s", out->len > 0 ? separator : "", text);
    return arena_strdup(diff->arena, out->str);
}

/* " and 3 more objects", or nothing. */
static const char *
further(const Diff *diff, const AbsenceNote *note)
{
    size_t count = note->count - note->subject_count;
    const char *what = note->is_default ? "default privilege" : "object";

    return count == 0 ? ""
                      : arena_printf(diff->arena, " and %zu more %s%s", count, what,
                                     count == 1 ? "" : "s");
}

static void
report(Diff *diff, const AbsenceNote *note)
{
    findings_add(
        diff->notes, note->kind, note->absent->declared_at, joined(diff, &note->hints, "; "),
        "%s%s on %s%s: declared absent for \"%s\", but kept %s",
        note->absent->entry.privileges == 0 ? "the grant option of " : "",
        privilege_set_text(diff->arena, note->privileges), note->subject, further(diff, note),
        diff_grantee_text(diff, note->absent->entry.grantee), joined(diff, &note->ways, ", "));
}

void
diff_absences(Diff *diff)
{
    g_autoptr(AccessWays) ways = access_ways_new(diff->arena, diff->state);
    g_autoptr(GHashTable) by_entry = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) naming = g_hash_table_new(g_str_hash, g_str_equal);
    Absences absences = { .diff = diff, .ways = ways, .by_entry = by_entry, .naming = naming };

    gather_naming(diff, &diff->context->cluster->cluster_grants, naming);
    LIST_FOREACH (const DatabaseDecl, decl, &diff->context->cluster->databases)
        gather_naming(diff, &decl->grants, naming);
    LIST_FOREACH (StateDatabase, database, &diff->state->databases)
        look_at_database(&absences, database);
    look_at_groups(&absences, NULL, &diff->state->shared_groups);
    LIST_FOREACH (const AbsenceNote, note, &absences.notes)
        report(diff, note);
}
