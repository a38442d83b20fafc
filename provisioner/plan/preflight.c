/* One query for parameters; the rest follows from what the catalog said. */
#include "provisioner/plan/preflight.h"

#include <string.h>

#include "inventory/model/server_feature.h"
#include "provisioner/catalog/catalog.h"
#include "provisioner/server/quiet.h"
#include "provisioner/server/sql_text.h"
#include "roles/findings.h"
#include "roles/permission/authority.h"

static void
add_parameters(Arena *arena, List *names, const List *parameters)
{
    LIST_FOREACH (const ParameterDecl, parameter, parameters)
        list_add(arena, names, parameter->name);
}

/*
 * The parameters that silence the log belong to the question, too: passwords are set under them. So
 * do those that are set on the server, as adopt and strict may reset them.
 */
List
preflight_parameters(Arena *arena, const Cluster *cluster, const AccessState *state)
{
    List names = quiet_log_parameters(arena);
    List set = access_state_setting_names(state);

    LIST_FOREACH (const RoleDecl, role, &cluster->roles) {
        add_parameters(arena, &names, &role->parameters);
        LIST_FOREACH (const DatabaseParameters, database, &role->parameters_in)
            add_parameters(arena, &names, &database->parameters);
    }
    LIST_FOREACH (const DatabaseDecl, database, &cluster->databases)
        add_parameters(arena, &names, &database->parameters);
    LIST_FOREACH (const char, name, &set)
        list_add(arena, &names, name);
    return names;
}

/* A superuser may set everything, and then there is nothing to ask. */
bool
preflight_read(Session *session, AccessState *state, const Cluster *cluster, GError **error)
{
    List names = { 0 };

    if (state->session_role_is_superuser)
        return true;
    names = preflight_parameters(state->arena, cluster, state);
    return catalog_read_closed_parameters(session, state, &names, error);
}

static const DatabaseDecl *
declaration_of(const Cluster *cluster, const char *name)
{
    LIST_FOREACH (const DatabaseDecl, decl, &cluster->databases) {
        if (strcmp(decl->name, name) == 0 && decl->state != DATABASE_ABSENT)
            return decl;
    }
    return NULL;
}

/*
 * CONNECT is checked at login (postinit.c CheckMyDatabase()) for the role that logs in, so SET ROLE
 * does not help. A database that the inventory asks for is an error, any other a warning.
 */
bool
preflight_may_enter(const AccessState *state, const StateDatabase *database, const Cluster *cluster,
                    TargetPlan *plan)
{
    const char *name = names_text(state->names, database->name);
    const char *session_role = names_text(state->names, state->session_role);
    const DatabaseDecl *decl = declaration_of(cluster, name);
    bool is_asked_for = decl != NULL && !decl->from_policy;
    g_auto(Authority) authority = { 0 };
    g_autofree char *hint = NULL;

    if (state->session_role_is_superuser)
        return true;
    /* Who connects, whoever statements run as later. */
    authority_init(&authority, state, NAME_NONE);
    if (authority_holds(&authority, &database->acl, PRIVILEGE_BIT(PRIVILEGE_CONNECT)))
        return true;
    hint = g_strdup_printf("ask a superuser to run GRANT CONNECT ON DATABASE %s TO %s",
                           sql_identifier(state->arena, name),
                           sql_identifier(state->arena, session_role));
    findings_add(
        plan->notes,
        is_asked_for ? &FINDING_INSUFFICIENT_PRIVILEGE : &FINDING_DATABASE_INACCESSIBLE,
        is_asked_for ? decl->pos : (SourcePos){ 0 }, hint,
        "role \"%s\" may not connect to database \"%s\", so its contents cannot be planned",
        session_role, name);
    return false;
}

/* The first name that is not ASCII, which is the same in all encodings that a database may have. */
static const char *
name_beyond_ascii(const AccessState *state, const Cluster *cluster)
{
    LIST_FOREACH (const StateRole, role, &state->roles) {
        const char *name = names_text(state->names, role->name);

        if (!g_str_is_ascii(name))
            return name;
    }
    LIST_FOREACH (const RoleDecl, role, &cluster->roles) {
        if (!g_str_is_ascii(role->name))
            return role->name;
    }
    return NULL;
}

/*
 * pg_authid holds the bytes of the database in which a role was made, and every database takes them
 * for its own encoding: a grant to such a role would be refused there, or go to somebody else.
 */
bool
preflight_reads_names(const AccessState *state, const StateDatabase *database,
                      const Cluster *cluster, TargetPlan *plan)
{
    const char *database_name = names_text(state->names, database->name);
    const DatabaseDecl *decl = declaration_of(cluster, database_name);
    const char *name = database->recodes_names ? name_beyond_ascii(state, cluster) : NULL;

    if (name == NULL)
        return true;
    findings_add(plan->notes, &FINDING_DATABASE_ENCODING,
                 decl == NULL || decl->from_policy ? (SourcePos){ 0 } : decl->pos,
                 "give roles names in ASCII, or use one encoding in all databases",
                 "database \"%s\" has an encoding in which role \"%s\" has another name; its "
                 "contents are left alone",
                 database_name, name);
    return false;
}

/* With SET ROLE to dbsu, new objects belong to dbsu, as Pigsty's own scripts leave them. */
NameId
preflight_role(const AccessState *state, NameId dbsu)
{
    g_auto(Authority) authority = { 0 };

    authority_init(&authority, state, dbsu);
    return authority.actor == state->session_role ? NAME_NONE : authority.actor;
}

static const char *
sql_of(Arena *arena, const Step *step)
{
    g_autoptr(GString) out = g_string_new(NULL);

    LIST_FOREACH (const char, statement, &step->statements)
        g_string_append_printf(out, "%s%s", out->len > 0 ? "; " : "", statement);
    return arena_strdup(arena, out->str);
}

/*
 * The hint is a statement that can be copied: the smallest grant that makes the step possible, or
 * the step itself where only a superuser can run it.
 */
static void
note_refusal(Arena *arena, TargetPlan *plan, const Step *step)
{
    const char *statement = sql_of(arena, step);
    const char *help = step->refusal->help;
    const char *hint = arena_printf(arena,
                                    help != NULL ? "ask a superuser to run %s"
                                                 : "ask a superuser to run the step itself: %s",
                                    help != NULL ? help : statement);

    findings_add(plan->notes, &FINDING_INSUFFICIENT_PRIVILEGE, step->because, hint,
                 "step %u (%s): %s", step->seq, statement, step->refusal->lacks);
}

/* One note for the whole plan, on the first step that has a secret. */
static void
note_logging(Arena *arena, const AccessState *state, TargetPlan *plan, const Step *step)
{
    List parameters = quiet_log_parameters(arena);
    const char *session_role = names_text(state->names, state->session_role);
    g_autoptr(GString) closed = g_string_new(NULL);
    const char *hint =
        "have the server's administrator check log_statement, log_min_duration_statement and "
        "log_min_error_statement";

    LIST_FOREACH (const char, name, &parameters) {
        if (g_hash_table_contains(state->closed_parameters, name))
            g_string_append_printf(closed, "%s%s", closed->len > 0 ? ", " : "", name);
    }
    if (closed->len == 0)
        return;
    if (server_has(state->major_version, SERVER_PARAMETER_PRIVILEGES))
        hint = arena_printf(arena, "ask a superuser to run GRANT SET ON PARAMETER %s TO %s",
                            closed->str, sql_identifier(arena, session_role));
    findings_add(plan->notes, &FINDING_PASSWORD_MAY_BE_LOGGED, step->because, hint,
                 "the server may log statements that set passwords, with their verifiers: role "
                 "\"%s\" may not set %s",
                 session_role, closed->str);
}

void
preflight_note_steps(Arena *arena, const AccessState *state, TargetPlan *plan)
{
    const Step *secret = NULL;

    LIST_FOREACH (const Step, step, &plan->steps) {
        if (step->refusal != NULL)
            note_refusal(arena, plan, step);
        if (step->secret && secret == NULL)
            secret = step;
    }
    if (secret != NULL && state->closed_parameters != NULL && plan->set_role == NULL)
        note_logging(arena, state, plan, secret);
}

bool
preflight_refuses(const TargetPlan *plan)
{
    LIST_FOREACH (const Finding, note, &plan->notes->items) {
        if (note->kind == &FINDING_INSUFFICIENT_PRIVILEGE)
            return true;
    }
    return false;
}
