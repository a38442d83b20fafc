/*
 * PasswordChecks: the declared passwords of one cluster, compared with what the server stores on
 * all cores while the server works.
 *
 *     checks = password_checks_new(arena);
 *     password_checks_add(checks, &check);       for each declared password; nothing is computed
 *     password_checks_start(checks, jobs);       begins to compare, and returns
 *     ...                                        the catalogs are read meanwhile
 *     password_checks_finish(checks);            waits for the rest
 *     results = password_checks_results(checks); for the diff
 *     password_checks_hash_ahead(checks, jobs);  begins to make the new verifiers
 *     deferred_verifier_wait(deferred);          the verifier, when its statement is sent
 *
 * A verifier is deferred because the server takes as long to check one as we take to make it, and
 * the two go side by side. Results are kept: the same check is not run again, so that a second plan
 * of one run finds the same new verifier.
 */
#pragma once

#include "base/arena.h"
#include "roles/password/password_check.h"

typedef struct PasswordChecks PasswordChecks;
typedef struct DeferredVerifier DeferredVerifier;

/*
 * Called by whoever waits in password_checks_finish(): with 0 at the start, from time to time, and
 * with the total at the end. Not called where there is nothing to compare.
 */
typedef struct PasswordWatch {
    void (*compared)(void *data, size_t done, size_t total); /* NULL: nobody looks */
    void *data;
} PasswordWatch;

PasswordChecks *password_checks_new(Arena *arena);
void password_checks_watch(PasswordChecks *checks, PasswordWatch watch);
void password_checks_free(PasswordChecks *checks);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PasswordChecks, password_checks_free)

/* The texts must live as long as the checks. Not between start and finish. */
void password_checks_add(PasswordChecks *checks, const PasswordCheck *check);
/* threads 0: one a core. */
void password_checks_start(PasswordChecks *checks, int threads);
/* Helps with what is left and waits for the rest; without a start it does nothing. */
void password_checks_finish(PasswordChecks *checks);
/* Role name -> const PasswordResult; nothing for a role without a check. */
GHashTable *password_checks_results(const PasswordChecks *checks);
/* Makes the deferred verifiers in the order in which they were added, asynchronously. */
void password_checks_hash_ahead(PasswordChecks *checks, int threads);
/* The verifier; waits for it, or makes it. Always the same. */
const char *deferred_verifier_wait(const DeferredVerifier *deferred);
