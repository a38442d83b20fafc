/* The kinds of finding of all folders, by id. */
#include "provisioner/plan/finding_filter.h"

#include <string.h>

#include "base/suggest.h"
#include "hba/findings.h"
#include "inventory/findings.h"
#include "provisioner/findings.h"
#include "roles/findings.h"

static const FindingKind *const *const tables[] = {
    inventory_finding_kinds,
    roles_finding_kinds,
    hba_finding_kinds,
    provisioner_finding_kinds,
};

const FindingKind *
finding_kind_of_id(const char *id)
{
    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++) {
        for (const FindingKind *const *kind = tables[i]; *kind != NULL; kind++) {
            if (strcmp((*kind)->id, id) == 0)
                return *kind;
        }
    }
    return NULL;
}

static const char *
nearest_id(const char *typed)
{
    g_autoptr(GPtrArray) ids = g_ptr_array_new();

    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++) {
        for (const FindingKind *const *kind = tables[i]; *kind != NULL; kind++)
            g_ptr_array_add(ids, (gpointer)(*kind)->id);
    }
    g_ptr_array_add(ids, NULL);
    return suggest_nearest(typed, (const char *const *)ids->pdata);
}

static void
check_one(const IgnoredFinding *ignored, Findings *findings)
{
    const FindingKind *kind = finding_kind_of_id(ignored->id);
    const char *nearest = kind == NULL ? nearest_id(ignored->id) : NULL;

    if (kind == NULL)
        findings_add(findings, &FINDING_IGNORED_FINDING_UNKNOWN, ignored->pos,
                     nearest == NULL
                         ? "the ids are in docs/reference/findings.md"
                         : arena_printf(findings->arena, "did you mean \"%s\"?", nearest),
                     "pg_ignore_findings: no finding has the id \"%s\"", ignored->id);
    else if (kind->severity == SEVERITY_ERROR)
        findings_add(findings, &FINDING_IGNORED_FINDING_INVALID, ignored->pos,
                     "correct what it reports; only warnings and infos can be ignored",
                     "pg_ignore_findings: \"%s\" is an error", ignored->id);
}

void
finding_filter_check(const Inventory *inventory, Findings *findings)
{
    LIST_FOREACH (const Cluster, cluster, &inventory->clusters) {
        LIST_FOREACH (const IgnoredFinding, ignored, &cluster->ignored_findings)
            check_one(ignored, findings);
    }
}

void
finding_filter_notes(const Cluster *cluster, Findings *notes)
{
    LIST_FOREACH (const IgnoredFinding, ignored, &cluster->ignored_findings) {
        const FindingKind *kind = finding_kind_of_id(ignored->id);

        if (kind != NULL)
            findings_ignore(notes, kind);
    }
}

static bool
ignores(const Cluster *cluster, const char *id)
{
    LIST_FOREACH (const IgnoredFinding, ignored, &cluster->ignored_findings) {
        if (strcmp(ignored->id, id) == 0)
            return true;
    }
    return false;
}

static bool
all_ignore(const Inventory *inventory, const char *id)
{
    LIST_FOREACH (const Cluster, cluster, &inventory->clusters) {
        if (!ignores(cluster, id))
            return false;
    }
    return true;
}

void
finding_filter_inventory(const Inventory *inventory, Findings *findings)
{
    const Cluster *first = inventory->clusters.count == 0 ? NULL : inventory->clusters.items[0];

    for (size_t i = 0; first != NULL && i < first->ignored_findings.count; i++) {
        const IgnoredFinding *ignored = first->ignored_findings.items[i];
        const FindingKind *kind = finding_kind_of_id(ignored->id);

        if (kind != NULL && all_ignore(inventory, ignored->id))
            findings_ignore(findings, kind);
    }
}
