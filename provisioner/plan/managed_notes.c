/* Each glob against what is declared and what the server has. */
#include "provisioner/plan/managed_notes.h"

#include <fnmatch.h>

#include "provisioner/findings.h"

static bool
is_a_role(const Cluster *cluster, const AccessState *state, const char *glob)
{
    LIST_FOREACH (const RoleDecl, decl, &cluster->roles) {
        if (fnmatch(glob, decl->name, 0) == 0)
            return true;
    }
    LIST_FOREACH (const StateRole, role, &state->roles) {
        if (fnmatch(glob, names_text(state->names, role->name), 0) == 0)
            return true;
    }
    return false;
}

/* Databases are managed only where they are declared, so the server's others do not count. */
static bool
is_a_database(const Cluster *cluster, const char *glob)
{
    LIST_FOREACH (const DatabaseDecl, decl, &cluster->databases) {
        if (fnmatch(glob, decl->name, 0) == 0)
            return true;
    }
    return false;
}

static void
report(const Cluster *cluster, const char *what, const char *glob, Findings *notes)
{
    findings_add(notes, &FINDING_MANAGED_NOT_FOUND, cluster->managed_pos,
                 "correct the name, or take it out",
                 "pg_managed: no %s matches \"%s\", so nothing of it is managed", what, glob);
}

void
managed_notes_add(const Cluster *cluster, const AccessState *state, Findings *notes)
{
    LIST_FOREACH (const char, glob, &cluster->managed_roles) {
        if (!is_a_role(cluster, state, glob))
            report(cluster, "role", glob, notes);
    }
    LIST_FOREACH (const char, glob, &cluster->managed_databases) {
        if (!is_a_database(cluster, glob))
            report(cluster, "declared database", glob, notes);
    }
}
