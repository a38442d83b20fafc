/*
 * The subject of an `hba` command: the rules of an instance of the inventory (-N), or those of any
 * file (--file), with what is known of roles: the inventory's, those of its server (--live), or a
 * list of roles (--roles).
 */
#pragma once

#include "hba/analyse/evaluate.h"
#include "hba/analyse/known_names.h"
#include "hba/check/check.h"
#include "provisioner/cli/command.h"

typedef struct HbaSubject {
    HbaProgram program;
    int version;      /* as in HbaCheck */
    const char *name; /* the instance, or the file */
    List rules;       /* HbaRule, those that are on, in order */
    HbaRoleSet *roles;
    bool roles_known;         /* false: a file without --roles */
    GHashTable *databases;    /* set of names; NULL: nothing is known of databases */
    const Instance *instance; /* NULL for a file */
} HbaSubject;

/*
 * Reads the subject that --file, --roles, --pg-version, --dialect and --live name; false with
 * context->exit_code after printing why not: 3 with the findings of a broken file or inventory, 64
 * for a selection of none or several instances.
 */
bool hba_subject_load(CommandContext *context, const CommandOptions *options,
                      HbaSubject *ret_subject);
/*
 * For a command that takes several: the instances (const Instance) that are selected, at least one;
 * false as above.
 */
bool hba_subject_instances(CommandContext *context, const CommandOptions *options,
                           List *ret_instances);
/* The rules of one of them, and what is known of roles and databases; false as above. */
bool hba_subject_of_instance(CommandContext *context, const CommandOptions *options,
                             const Instance *instance, HbaSubject *ret_subject);
/* Only what --dialect and --pg-version say, for reading a file; false as above. */
bool hba_subject_check(CommandContext *context, const CommandOptions *options, HbaCheck *ret_check);
/* What hba_evaluate() needs to judge connections by the subject's rules; it borrows from both. */
HbaEvaluator hba_subject_evaluator(const HbaSubject *subject, Arena *arena);
/* Which names rules and connections may have; it borrows from the subject. */
KnownNames hba_subject_known_names(const HbaSubject *subject);
void hba_subject_clear(HbaSubject *subject);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HbaSubject, hba_subject_clear)
