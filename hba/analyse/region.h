/*
 * Region: the connections that a rule is for, as boxes of transports x databases x users x
 * addresses, and what is left of them when other rules come first.
 *
 * Names that the rules mention and roles that are known are atoms; everything else that somebody
 * may call himself is "any other". What cannot be resolved (a regular expression, sameuser, a group
 * whose members are not known) is an atom of its own, which only the same thing or `all` covers: so
 * nothing is ever called covered that is not.
 */
#pragma once

#include "base/list.h"
#include "hba/analyse/address_set.h"
#include "hba/analyse/name_set.h"
#include "hba/analyse/role_set.h"
#include "hba/syntax/rule.h"

typedef enum RegionTransport {
    REGION_LOCAL = 1 << 0,
    REGION_PLAIN = 1 << 1,
    REGION_TLS = 1 << 2,
    REGION_GSS = 1 << 3,
} RegionTransport;

typedef struct RegionBox {
    unsigned transports; /* RegionTransport; LOCAL never together with others */
    NameSet databases;
    bool replication; /* physical replication, which is in no database */
    NameSet users;
    AddressSet addresses; /* everything for LOCAL */
} RegionBox;

/* What turns rules into boxes. */
typedef struct RegionContext {
    Arena *arena;
    Names *names; /* atoms */
    int version;  /* PostgreSQL's major: before 16 /regex is a name */
    HbaProgram program;
    /* NULL: nothing is known of roles, and each +role is an atom */
    const HbaRoleSet *roles;
    GHashTable *group_members; /* NameSet of a +role, by its name: made once */
} RegionContext;

RegionContext region_context(Arena *arena, Names *names, HbaProgram program, int version,
                             const HbaRoleSet *roles);
void region_context_clear(RegionContext *context);

RegionBox region_of_rule(RegionContext *context, const HbaRule *rule);
bool region_overlaps(const RegionBox *a, const RegionBox *b);
bool region_is_empty(const RegionBox *box);
/* Appends the parts of a (RegionBox) that are not in b; nothing when b covers a. */
void region_subtract(Arena *arena, const RegionBox *a, const RegionBox *b, List *ret_boxes);
RegionBox region_intersect(Arena *arena, const RegionBox *a, const RegionBox *b);
