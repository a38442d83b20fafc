/* Walking everything that has a date. */
#include "provisioner/plan/until_notes.h"

#include "inventory/model/grant.h"
#include "provisioner/findings.h"

/* `what` is shown before the date: `membership of "a" in "b"`. */
static void
add_note(Findings *notes, const Until *until, const char *what)
{
    if (until->text != NULL && until->state == UNTIL_SOON)
        findings_add(notes, &FINDING_UNTIL_SOON, until->pos, "move the date if it has to go on",
                     "%s ends at %s", what, until->text);
    else if (until->text != NULL && until->state == UNTIL_PASSED)
        findings_add(notes, &FINDING_UNTIL_PASSED, until->pos, NULL,
                     "%s has ended at %s and counts as absent", what, until->text);
}

static void
add_grants(Findings *notes, const List *grants)
{
    LIST_FOREACH (const GrantDecl, grant, grants) {
        g_autofree char *what = NULL;

        if (grant->until.text == NULL)
            continue;
        what = grant->profiles.count > 0
                   ? g_strdup("the grant of a profile")
                   : g_strdup_printf("the grant on %s", grant_describe(notes->arena, grant));
        add_note(notes, &grant->until, what);
    }
}

void
until_notes_add(const Cluster *cluster, Findings *notes)
{
    LIST_FOREACH (const RoleDecl, role, &cluster->roles) {
        g_autofree char *what = g_strdup_printf("role \"%s\"", role->name);

        add_note(notes, &role->until, what);
        LIST_FOREACH (const MembershipDecl, membership, &role->memberships) {
            g_autofree char *member =
                g_strdup_printf("the membership of \"%s\" in \"%s\"", role->name, membership->role);

            add_note(notes, &membership->until, member);
        }
    }
    add_grants(notes, &cluster->cluster_grants);
    LIST_FOREACH (const DatabaseDecl, database, &cluster->databases)
        add_grants(notes, &database->grants);
    LIST_FOREACH (const ProfileDecl, profile, &cluster->profiles)
        add_grants(notes, &profile->grants);
}
