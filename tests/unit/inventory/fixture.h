/*
 * What the tests of inventory/ share: an inventory given as text, what it says of itself as one
 * text of findings, and short ways to its parts.
 */
#pragma once

#include <string.h>

#include "inventory/load/inventory_load.h"
#include "inventory/model/inventory.h"

typedef struct Fixture {
    Arena *arena;
    Findings *findings;
    const Inventory *inventory;
} Fixture;

static inline void
setup(Fixture *fixture, const void *data)
{
    (void)data;
    fixture->arena = arena_new();
    fixture->findings = findings_new(fixture->arena);
}

static inline void
teardown(Fixture *fixture, const void *data)
{
    (void)data;
    findings_free(fixture->findings);
    arena_free(fixture->arena);
}

static inline const Inventory *
load(Fixture *fixture, const char *yaml)
{
    InventoryText text = { .file = "a.yml", .bytes = yaml, .length = strlen(yaml) };
    InventoryOptions options = { .text = &text };

    fixture->inventory = inventory_load(fixture->arena, &options, fixture->findings);
    return fixture->inventory;
}

/* Every finding, rendered, without the hints. */
static inline char *
said(Fixture *fixture)
{
    g_autoptr(GString) out = g_string_new(NULL);

    findings_sort(fixture->findings);
    LIST_FOREACH (const Finding, finding, &fixture->findings->items) {
        Finding bare = *finding;

        bare.hint = NULL;
        finding_render(&bare, FINDING_PLAIN, out);
    }
    return arena_strdup(fixture->arena, out->str);
}

/* One instance of cluster c, with these variables: lines of YAML, each ending in a newline. */
#define INSTANCE(vars)                                                                             \
    "all:\n"                                                                                       \
    " hosts: {h: {pg_cluster: c, pg_seq: 1, pg_role: primary}}\n"                                  \
    " vars:\n" vars

static inline const Cluster *
only_cluster(const Fixture *fixture)
{
    g_assert_cmpuint(fixture->inventory->clusters.count, ==, 1);
    return fixture->inventory->clusters.items[0];
}

static inline const RoleDecl *
find_role(const Fixture *fixture, const char *name)
{
    LIST_FOREACH (const RoleDecl, role, &only_cluster(fixture)->roles) {
        if (strcmp(role->name, name) == 0)
            return role;
    }
    return NULL;
}

#define TEST(path, function) g_test_add(path, Fixture, NULL, setup, function, teardown)
