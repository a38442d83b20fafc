/*
 * HeldUp: which steps of a plan another session holds up, and which others can be run all the same.
 * Those who stay lose nothing by it: what takes access away, but for the LOGIN of roles that leave,
 * waits for what grants it in another way, and what is dropped comes when everything is in place.
 */
#pragma once

#include "provisioner/plan/plan.h"

typedef struct HeldUp {
    Arena *arena;
    unsigned stages;      /* 1 << Stage of those */
    List databases;       /* const char: in which one of them is to run */
    List prune_databases; /* the same of STAGE_PRUNE */
    List roles;           /* const char: whom one of them disables, or drops something of */
    bool drops_database;  /* one of them does */
    List reasons;         /* const char: what held them up; empty: nothing is held up */
} HeldUp;

/* Steps of one transaction: they failed, or (reason NULL) were left out because others had. */
void held_up_add(HeldUp *held, const Step *const *steps, size_t count, const char *reason);
/* Whether none of the steps needs one that is held up. */
bool held_up_allows(const HeldUp *held, const Step *const *steps, size_t count);
/* Whether the steps of one transaction are as good in one for each. */
bool held_up_is_divisible(const Step *const *steps, size_t count);
