/* Gathering what is skipped, and the words for it. */
#include "roles/diff/skipped.h"

#include <string.h>

#include "base/printable.h"
#include "roles/findings.h"

/* Upper bound on the names listed for one kind; the rest is counted. */
#define NAMES_LISTED_MAX 5

typedef struct SkippedStep {
    ChangeKind kind;
    List names; /* const char, each once */
    const Refusal *refusal;
    SourcePos pos; /* of the first */
} SkippedStep;

struct SkippedSteps {
    Arena *arena;
    const Names *names;
    List steps;          /* SkippedStep */
    GHashTable *roles;   /* NameId */
    GHashTable *schemas; /* NameId */
};

SkippedSteps *
skipped_new(Arena *arena, const Names *names)
{
    SkippedSteps *skipped = g_new0(SkippedSteps, 1);

    skipped->arena = arena;
    skipped->names = names;
    skipped->roles = g_hash_table_new(NULL, NULL);
    skipped->schemas = g_hash_table_new(NULL, NULL);
    return skipped;
}

void
skipped_free(SkippedSteps *skipped)
{
    if (skipped == NULL)
        return;
    g_hash_table_destroy(skipped->roles);
    g_hash_table_destroy(skipped->schemas);
    g_free(skipped);
}

static const char *
quoted(SkippedSteps *skipped, NameId name)
{
    g_autoptr(GString) out = g_string_new("\"");

    printable_append(out, names_text(skipped->names, name));
    g_string_append_c(out, '"');
    return arena_strdup(skipped->arena, out->str);
}

static const char *
objects_in(SkippedSteps *skipped, NameId database)
{
    return database == NAME_NONE
               ? "tablespaces and parameters"
               : arena_printf(skipped->arena, "objects in database %s", quoted(skipped, database));
}

static const char *
subject_by_name(SkippedSteps *skipped, const Change *change)
{
    if (change->database == NAME_NONE || change->database == change->name)
        return quoted(skipped, change->name);
    return arena_printf(skipped->arena, "%s in database %s", quoted(skipped, change->name),
                        quoted(skipped, change->database));
}

/* What of the change tells a reader most: the role concerned, or the object and its database. */
static const char *
subject_of(SkippedSteps *skipped, const Change *change)
{
    switch (change_kind_info(change->kind)->payload) {
    case CHANGE_PAYLOAD_DEFAULT_ACL:
        return quoted(skipped, change->default_acl.creators.items[0]);
    case CHANGE_PAYLOAD_MEMBERSHIP:
        return quoted(skipped, change->membership.groups.items[0]);
    case CHANGE_PAYLOAD_OBJECT_OWNER:
        return objects_in(skipped, change->database);
    case CHANGE_PAYLOAD_ACL:
        if (change->acl.target == ACL_TARGET_OBJECTS)
            return objects_in(skipped, change->database);
        if (change->acl.target == ACL_TARGET_FUNCTIONS)
            return arena_printf(skipped->arena, "functions of pg_catalog in database %s",
                                quoted(skipped, change->database));
        return subject_by_name(skipped, change);
    default:
        return subject_by_name(skipped, change);
    }
}

static SkippedStep *
ensure_step(SkippedSteps *skipped, const Change *change, const Refusal *refusal)
{
    SkippedStep *added = NULL;

    LIST_FOREACH (SkippedStep, step, &skipped->steps) {
        if (step->kind == change->kind && strcmp(step->refusal->lacks, refusal->lacks) == 0)
            return step;
    }
    added = ARENA_NEW(skipped->arena, SkippedStep);
    *added = (SkippedStep){ .kind = change->kind, .refusal = refusal, .pos = change->declared_at };
    list_add(skipped->arena, &skipped->steps, added);
    return added;
}

void
skipped_add(SkippedSteps *skipped, const Change *change, const Refusal *refusal)
{
    SkippedStep *step = ensure_step(skipped, change, refusal);
    const char *subject = subject_of(skipped, change);

    if (change->kind == CHANGE_ROLE_CREATE)
        g_hash_table_add(skipped->roles, GUINT_TO_POINTER(change->name));
    if (change->kind == CHANGE_SCHEMA_CREATE)
        g_hash_table_add(skipped->schemas, GUINT_TO_POINTER(change->name));
    LIST_FOREACH (const char, name, &step->names) {
        if (strcmp(name, subject) == 0)
            return;
    }
    list_add(skipped->arena, &step->names, subject);
}

bool
skipped_has_role(const SkippedSteps *skipped, NameId role)
{
    return g_hash_table_contains(skipped->roles, GUINT_TO_POINTER(role));
}

bool
skipped_has_schema(const SkippedSteps *skipped, NameId schema)
{
    return g_hash_table_contains(skipped->schemas, GUINT_TO_POINTER(schema));
}

static void
report(const SkippedSteps *skipped, const SkippedStep *step, Findings *notes)
{
    const Refusal *refusal = step->refusal;
    g_autoptr(GString) names = g_string_new(NULL);
    const char *hint = "ask a superuser to apply the inventory once";

    for (size_t i = 0; i < step->names.count && i < NAMES_LISTED_MAX; i++)
        g_string_append_printf(names, "%s %s", i > 0 ? "," : "",
                               (const char *)step->names.items[i]);
    if (step->names.count > NAMES_LISTED_MAX)
        g_string_append_printf(names, " and %zu more", step->names.count - NAMES_LISTED_MAX);
    if (refusal->help != NULL)
        hint = arena_printf(skipped->arena,
                            "ask a superuser to run %s, or to apply the inventory once",
                            refusal->help);
    findings_add(notes, &FINDING_POLICY_STEP_SKIPPED, step->pos, hint,
                 "skipped policy step: %s%s: %s", change_kind_info(step->kind)->words, names->str,
                 refusal->lacks);
}

/*
 * One note for each reason, however many steps it explains: a session role without CREATEDB would
 * otherwise produce one note for each database.
 */
void
skipped_report(const SkippedSteps *skipped, Findings *notes)
{
    LIST_FOREACH (const SkippedStep, step, &skipped->steps)
        report(skipped, step, notes);
}
