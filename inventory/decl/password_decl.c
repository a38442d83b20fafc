/* Passwords as declared: plaintext, a ready verifier, or where to find one. Never quoted back. */
#include <string.h>

#include "inventory/bind/value.h"
#include "inventory/decl/declaration.h"
#include "inventory/decl/verifier.h"
#include "inventory/findings.h"
#include "inventory/vault/sealed.h"

/*
 * PostgreSQL stores a text that looks like a verifier as one, and hashes everything else
 * (get_password_type() in crypt.c). A broken verifier would therefore become a password that nobody
 * typed; that is an error instead.
 */
static bool
bind_text(Binder *binder, const char *text, PasswordDecl *password)
{
    const char *name = NULL;
    VerifierStatus status = VERIFIER_NONE;

    password->text = text;
    if (*text == '\0') {
        password->kind = PASSWORD_CLEAR;
        return true;
    }
    status = verifier_recognise(text, &name);
    password->kind = status == VERIFIER_NONE ? PASSWORD_PLAINTEXT : PASSWORD_VERIFIER;
    if (status != VERIFIER_BROKEN)
        return true;
    findings_add(
        binder->findings, &FINDING_VERIFIER_INVALID, password->pos,
        "copy the whole verifier from pg_authid, or choose a password with a different prefix",
        "%s looks like %s but is malformed", value_label(binder, "password"), name);
    return false;
}

/*
 * A number is a password like any other: the author's digits are used, never the number. A NUL byte
 * would end the password early in libpq.
 */
static bool
bind_scalar(Binder *binder, const Node *value, PasswordDecl *password)
{
    if (value->type == SCALAR_NULL)
        return true;
    if (value->type == SCALAR_BOOL) {
        findings_add(binder->findings, &FINDING_VALUE_UNQUOTED, value->pos,
                     "quote it to use it as a string", "%s must be a text, found a boolean",
                     value_label(binder, "password"));
        return false;
    }
    if (strlen(value->text) != value->length) {
        findings_add(binder->findings, &FINDING_TEXT_INVALID, value->pos, NULL,
                     "%s contains a NUL byte", value_label(binder, "password"));
        return false;
    }
    return bind_text(binder, value->text, password);
}

static const struct {
    const char *key;
    PasswordKind kind;
} references[] = {
    { "file", PASSWORD_FILE },     { "env", PASSWORD_ENV },     { "command", PASSWORD_COMMAND },
    { "pwfile", PASSWORD_PWFILE }, { "vault", PASSWORD_VAULT },
};

/* The keys of an unknown mapping are not shown: { secret } is a mapping with the secret as key. */
static bool
bind_reference(Binder *binder, const Node *value, PasswordDecl *password)
{
    const char *label = value_label(binder, "password");

    for (size_t i = 0; value->count == 1 && i < G_N_ELEMENTS(references); i++) {
        const NodeEntry *entry = &value->entries[0];

        if (strcmp(entry->key->text, references[i].key) != 0)
            continue;
        password->kind = references[i].kind;
        if (password->kind != PASSWORD_COMMAND) {
            password->text = value_text(binder, entry->key->text, entry->value);
            if (password->text != NULL && password->kind == PASSWORD_FILE)
                password->text = source_pos_path(binder->arena, entry->value->pos, password->text);
            return password->text != NULL;
        }
        if (binder->refuses_commands) {
            findings_add(binder->findings, &FINDING_COMMAND_REFUSED, value->pos,
                         "use env or file here, or run without --no-commands",
                         "%s runs a command, which --no-commands refuses", label);
            return false;
        }
        if (!value_is_list(binder, "command", entry->value) ||
            !value_text_list(binder, "command", entry->value, &password->argv))
            return false;
        if (password->argv.count > 0)
            return true;
        findings_add(binder->findings, &FINDING_PASSWORD_INVALID, value->pos, NULL,
                     "%s names an empty command", label);
        return false;
    }
    findings_add(
        binder->findings, &FINDING_PASSWORD_INVALID, value->pos, "a text with braces needs quotes",
        "%s is a mapping; a reference has one of the keys file, env, command, pwfile, vault",
        label);
    return false;
}

/*
 * What is looked up is the same reference as { env: NAME } and { file: PATH }. What is encrypted
 * stays so until a plan needs it; that it is well-formed shows without the password.
 */
static bool
bind_sealed(Binder *binder, const Node *value, PasswordDecl *password)
{
    switch (value->seal) {
    case SEAL_ENV:
        password->kind = PASSWORD_ENV;
        password->text = value->items[0]->text;
        return true;
    case SEAL_FILE:
        password->kind = PASSWORD_FILE;
        password->text = source_pos_path(binder->arena, value->pos, value->items[0]->text);
        return true;
    default:
        password->kind = PASSWORD_SEALED;
        password->sealed = value;
        return sealed_check(binder->arena, value, binder->findings);
    }
}

/*
 * No message quotes the value. What is a mapping with one unknown key may be { secret }, which the
 * author forgot to quote.
 *
 * A text in a policy is published with it: a role that got it could be taken over by everybody who
 * has read the policy, so it counts as not given. A reference is not published, and counts wherever
 * it stands.
 */
bool
password_bind(Binder *binder, const Node *value, PasswordDecl *ret_password)
{
    *ret_password = (PasswordDecl){ .pos = value->pos };
    if (value->seal != SEAL_NONE)
        return bind_sealed(binder, value, ret_password);
    if (!value_usable(binder, value))
        return false;
    switch (value->kind) {
    case NODE_SCALAR:
        if (!bind_scalar(binder, value, ret_password))
            return false;
        if (source_pos_is_policy(value->pos))
            *ret_password = (PasswordDecl){ .pos = value->pos };
        return true;
    case NODE_MAPPING:
        return bind_reference(binder, value, ret_password);
    default:
        findings_add(binder->findings, &FINDING_PASSWORD_INVALID, value->pos, NULL,
                     "%s must be a text or a reference, found a list",
                     value_label(binder, "password"));
        return false;
    }
}

bool
field_password(Binder *binder, const FieldDef *field, const Node *value, void *target)
{
    return password_bind(binder, value, (PasswordDecl *)(void *)((char *)target + field->offset));
}
