/* When a declared password is a change, and which verifier it then becomes. */
#include "roles/password/password_check.h"

#include "roles/password/password.h"

/*
 * Every role may set its own password, and as a verifier of any cost (user.c AlterRole(),
 * crypt.c get_password_type()): 60 million iterations would take each plan minutes. The server
 * pays that once for a login of that role; a plan would pay for all, at every run.
 */
bool
password_check_is_too_slow(const PasswordCheck *check)
{
    const gint64 most_times = 10;

    return check->plaintext != NULL && check->stored != NULL &&
           password_iterations(check->stored) >
               most_times * MAX(check->iterations, SCRAM_ITERATIONS_DEFAULT);
}

/*
 * Equal means no change, and the salt is kept: PgBouncer passes SCRAM through only while it knows
 * the same verifier. An MD5 verifier under a plaintext is replaced by SCRAM, unless MD5 is wanted.
 */
PasswordComparison
password_check_compare(const PasswordCheck *check)
{
    if (check->plaintext == NULL)
        return check->stored_is_unknown || g_strcmp0(check->declared, check->stored) != 0
                   ? PASSWORD_DIFFERS
                   : PASSWORD_IS_EQUAL;
    if (password_check_is_too_slow(check))
        return PASSWORD_NEEDS_HASHING;
    if (check->stored != NULL && (check->as_md5 || !g_str_has_prefix(check->stored, "md5")) &&
        password_matches(check->plaintext, check->role_name, check->stored))
        return PASSWORD_IS_EQUAL;
    return PASSWORD_NEEDS_HASHING;
}

char *
password_check_hash(Arena *arena, const PasswordCheck *check)
{
    return check->as_md5 ? password_md5_verifier(arena, check->plaintext, check->role_name)
                         : password_scram_verifier(arena, check->plaintext, check->iterations);
}

bool
password_check_equal(const PasswordCheck *a, const PasswordCheck *b)
{
    return g_strcmp0(a->plaintext, b->plaintext) == 0 && g_strcmp0(a->declared, b->declared) == 0 &&
           g_strcmp0(a->stored, b->stored) == 0 && a->stored_is_unknown == b->stored_is_unknown &&
           a->as_md5 == b->as_md5 && a->iterations == b->iterations;
}
