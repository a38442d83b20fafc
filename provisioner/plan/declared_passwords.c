/* Reading references; a check for each password against what is stored. */
#include "provisioner/plan/declared_passwords.h"

#include <string.h>

#include "inventory/decl/verifier.h"
#include "inventory/vault/sealed.h"
#include "provisioner/plan/secret.h"
#include "provisioner/server/sql_text.h"
#include "roles/findings.h"
#include "roles/password/password.h"
#include "roles/password/verifier_digest.h"

/* What was encrypted in the inventory has been opened, or the run would have ended. */
static const char *
secret_of(const DeclaredPasswords *passwords, const PasswordDecl *password, GError **error)
{
    if (password->kind == PASSWORD_SEALED)
        return g_hash_table_lookup((GHashTable *)passwords->opened, password->sealed);
    return secret_read(passwords->arena, password, error);
}

/* What a reference stands for; NULL with a note. */
static const char *
read_reference(DeclaredPasswords *passwords, const char *name, const PasswordDecl *password,
               bool *ret_is_verifier)
{
    g_autoptr(GError) error = NULL;
    const char *text = secret_of(passwords, password, &error);
    const char *kind = NULL;
    VerifierStatus status = VERIFIER_NONE;

    if (text == NULL) {
        findings_add(passwords->notes, &FINDING_PASSWORD_REFERENCE_UNREADABLE, password->pos, NULL,
                     "password of role \"%s\": %s", name, error->message);
        return NULL;
    }
    status = verifier_recognise(text, &kind);
    *ret_is_verifier = status != VERIFIER_NONE;
    if (status != VERIFIER_BROKEN)
        return text;
    findings_add(
        passwords->notes, &FINDING_PASSWORD_REFERENCE_UNREADABLE, password->pos, NULL,
        "password of role \"%s\": the referenced value looks like a %s verifier but is malformed",
        name, kind);
    return NULL;
}

/* A password of the policy's is nobody's decision and cannot be set without being compared. */
static bool
may_be_set_unseen(DeclaredPasswords *passwords, const char *name, const PasswordDecl *password)
{
    if (source_pos_is_policy(password->pos))
        return false;
    if (passwords->set_unseen)
        return true;
    if (passwords->not_compared.count == 0)
        passwords->not_compared_pos = password->pos;
    list_add(passwords->arena, &passwords->not_compared, name);
    return false;
}

/* A few names are enough to recognise which group of roles is meant. */
static const char *
names_of(const DeclaredPasswords *passwords)
{
    const size_t names_max = 5;
    g_autoptr(GString) names = g_string_new(NULL);

    for (size_t i = 0; i < passwords->not_compared.count && i < names_max; i++)
        g_string_append_printf(names, "%s\"%s\"", i > 0 ? ", " : "",
                               (const char *)passwords->not_compared.items[i]);
    if (passwords->not_compared.count > names_max)
        g_string_append_printf(names, " and %zu more", passwords->not_compared.count - names_max);
    return arena_strdup(passwords->arena, names->str);
}

/* One note for all of them: without pg_authid it would be one for each role, every time. */
static void
note_not_compared(const DeclaredPasswords *passwords)
{
    const AccessState *state = passwords->state;
    const char *session_role = names_text(state->names, state->session_role);
    g_autofree char *hint = NULL;

    if (passwords->not_compared.count == 0)
        return;
    if (state->verifiers_are_digests && state->verifiers_known) {
        findings_add(
            passwords->notes, &FINDING_PASSWORD_NOT_COMPARED, passwords->not_compared_pos,
            "run the plan against the server to compare them",
            "declared passwords cannot be compared and are left unchanged, because a saved state "
            "holds no verifiers: %s",
            names_of(passwords));
        return;
    }
    hint = g_strdup_printf(
        "--set-passwords always sets them; to compare them, ask a superuser to run GRANT SELECT "
        "ON pg_catalog.pg_authid TO %s in database postgres",
        sql_identifier(passwords->arena, session_role));
    findings_add(
        passwords->notes, &FINDING_PASSWORD_NOT_COMPARED, passwords->not_compared_pos, hint,
        "declared passwords cannot be compared and are left unchanged, because role \"%s\" may "
        "not read pg_authid: %s",
        session_role, names_of(passwords));
}

/*
 * A saved state has digests. Where one tells what to do, check->stored becomes what gives that
 * answer; false where it does not tell: whether a plaintext belongs to a SCRAM verifier only its
 * salt shows (RFC 5802), and of an MD5 verifier a state keeps nothing.
 */
static bool
compare_with_digest(PasswordCheck *check)
{
    const char *digest = check->stored;

    if (check->declared != NULL) {
        VerifierMatch match = verifier_digest_match(digest, check->declared);

        check->stored = match == VERIFIER_SAME ? check->declared : digest;
        return match != VERIFIER_NOT_COMPARABLE;
    }
    /* NULL for both clears the password; under a plaintext, md5 becomes SCRAM unless that is
     * wanted.
     */
    return check->plaintext == NULL ||
           (!check->as_md5 && !g_str_has_prefix(digest, "scram-sha-256"));
}

/* The role chose that number itself, or somebody else did who may alter it. */
static void
note_too_slow(const DeclaredPasswords *passwords, const PasswordDecl *password,
              const PasswordCheck *check)
{
    if (!password_check_is_too_slow(check))
        return;
    findings_add(passwords->notes, &FINDING_PASSWORD_TOO_SLOW, password->pos,
                 "ask who set it; the new verifier gets the server's own number of iterations",
                 "the verifier of role \"%s\" has %d iterations: it is not compared with the "
                 "declared password, which is set again",
                 check->role_name, password_iterations(check->stored));
}

static void
add_password(DeclaredPasswords *passwords, const char *name, const PasswordDecl *password)
{
    NameId id = names_find(passwords->state->names, name);
    const StateRole *role = id == NAME_NONE ? NULL : access_state_role(passwords->state, id);
    PasswordCheck check = {
        .role_name = name,
        .stored = role == NULL ? NULL : role->verifier,
        .as_md5 = passwords->cluster->primary->password_is_md5,
        .iterations = passwords->state->scram_iterations,
    };
    const char *text = password->text;
    bool is_verifier = password->kind == PASSWORD_VERIFIER;

    if (password->kind == PASSWORD_NOT_GIVEN)
        return;
    check.stored_is_unknown = role != NULL && !passwords->state->verifiers_known;
    if (check.stored_is_unknown && !may_be_set_unseen(passwords, name, password))
        return;
    if (password->kind > PASSWORD_VERIFIER) {
        text = read_reference(passwords, name, password, &is_verifier);
        if (text == NULL)
            return;
    }
    if (is_verifier)
        check.declared = text;
    else if (password->kind != PASSWORD_CLEAR)
        check.plaintext = text;
    if (passwords->state->verifiers_are_digests && check.stored != NULL &&
        !compare_with_digest(&check)) {
        check.stored_is_unknown = true;
        check.stored = NULL;
        if (!may_be_set_unseen(passwords, name, password))
            return;
    }
    note_too_slow(passwords, password, &check);
    password_checks_add(passwords->checks, &check);
}

typedef void PasswordVisitor(void *data, const char *name, const PasswordDecl *password);

static bool
is_declared(const Cluster *cluster, const char *name)
{
    LIST_FOREACH (const RoleDecl, decl, &cluster->roles) {
        if (strcmp(decl->name, name) == 0)
            return true;
    }
    return false;
}

/*
 * Every password that may be set. What a declaration says of a system user has replaced
 * pg_*_password already; dbsu's and an absent role's are nobody's business.
 */
static void
visit_passwords(const Cluster *cluster, PasswordVisitor *visit, void *data)
{
    const SystemUsers *users = &cluster->primary->users;

    const struct {
        const char *name;
        const PasswordDecl *password;
    } system[] = {
        { users->replication, &users->replication_password },
        { users->monitor, &users->monitor_password },
        { users->admin, &users->admin_password },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(system); i++) {
        if (system[i].name != NULL && !is_declared(cluster, system[i].name))
            visit(data, system[i].name, system[i].password);
    }
    LIST_FOREACH (const RoleDecl, decl, &cluster->roles) {
        if (!decl->absent && strcmp(decl->name, users->dbsu) != 0)
            visit(data, decl->name, &decl->password);
    }
}

typedef struct Opening {
    Arena *arena;
    VaultPasswords *passwords;
    GHashTable *opened;
    Findings *findings;
} Opening;

/* A value that several roles or clusters share is opened once: each costs 10,000 iterations. */
static void
open_password(void *data, const char *name, const PasswordDecl *password)
{
    const Opening *opening = data;
    const char *text = NULL;

    (void)name;
    if (password->kind != PASSWORD_SEALED ||
        g_hash_table_contains(opening->opened, password->sealed))
        return;
    text = sealed_open(opening->arena, opening->passwords, password->sealed, opening->findings);
    g_hash_table_insert(opening->opened, (gpointer)password->sealed, (gpointer)text);
}

void
declared_passwords_open(Arena *arena, const Cluster *cluster, VaultPasswords *passwords,
                        GHashTable *opened, Findings *findings)
{
    Opening opening = {
        .arena = arena,
        .passwords = passwords,
        .opened = opened,
        .findings = findings,
    };

    visit_passwords(cluster, open_password, &opening);
}

static void
visit_add(void *data, const char *name, const PasswordDecl *password)
{
    add_password(data, name, password);
}

void
declared_passwords_add(DeclaredPasswords *passwords)
{
    visit_passwords(passwords->cluster, visit_add, passwords);
    note_not_compared(passwords);
}
