/*
 * Passwords: SCRAM-SHA-256 and MD5 verifiers as PostgreSQL stores them (scram-common.c,
 * md5_common.c, saslprep.c), and whether a plaintext belongs to one.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "inventory/model/inventory.h"

#define SCRAM_ITERATIONS_DEFAULT 4096

/* Whether the plaintext (SASLprep applied where it can be) gives that verifier. md5 needs the
 * role's name. */
bool password_matches(const char *plaintext, const char *role_name, const char *verifier);
/* A new verifier with a random salt. */
char *password_scram_verifier(Arena *arena, const char *plaintext, int iterations);
char *password_md5_verifier(Arena *arena, const char *plaintext, const char *role_name);

/* Stands for a verifier that is made when a statement needs it; no text of an inventory has it. */
#define PASSWORD_VERIFIER_TO_COME "\1"

struct PasswordQuestion;

/* What to do about one declared password. */
typedef struct PasswordVerdict {
    bool changes;
    const char *verifier; /* the one to store, or PASSWORD_VERIFIER_TO_COME; NULL: none */
    const struct PasswordQuestion *to_come; /* NULL, or what password_verifier_of() takes */
} PasswordVerdict;

struct PasswordVerdicts;

typedef struct PasswordQuestion {
    const char *role_name;
    const char
        *plaintext; /* NULL where the declaration is a ready verifier or clears the password */
    const char *declared;   /* a ready verifier, or NULL */
    const char *stored;     /* NULL: the role has none */
    bool stored_is_unknown; /* it may not be read: what is declared is set in any case */
    bool as_md5;
    int iterations;
    PasswordVerdict verdict; /* the answer */
    struct PasswordVerdicts *asked_of;
    const char *made; /* the verifier that was to come */
    bool is_being_made;
} PasswordQuestion;

/* Answers found so far, by role; the same question is answered once, so that a second plan of a run
   finds the same new verifier. */
typedef struct PasswordVerdicts PasswordVerdicts;

PasswordVerdicts *password_verdicts_new(Arena *arena);
void password_verdicts_free(PasswordVerdicts *verdicts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PasswordVerdicts, password_verdicts_free)

/* Asks; nothing is computed yet. The texts must live as long as the verdicts. */
void password_verdicts_ask(PasswordVerdicts *verdicts, const PasswordQuestion *question);
/* Begins to answer all open questions, on that many threads (0: one a core), and returns: hashing
   goes on while the caller waits for a server. Until it is finished nothing may be asked. */
void password_verdicts_start(PasswordVerdicts *verdicts, int threads);
/* Helps with what is left and waits for the rest; without a start it does nothing. */
void password_verdicts_finish(PasswordVerdicts *verdicts);
/* No change when nothing was asked about that role. */
PasswordVerdict password_verdicts_of(const PasswordVerdicts *verdicts, const char *role_name);
/*
 * Begins to make the verifiers that are to come, in the order of asking, behind the caller's back:
 * the server checks each for as long as it takes to make one, and the two go side by side.
 */
void password_verdicts_begin(PasswordVerdicts *verdicts, int threads);
/* The verifier; waits for it, or makes it. Always the same. */
const char *password_verifier_of(const PasswordQuestion *question);
