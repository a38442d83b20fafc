/* Passwords as declared: plaintext, a ready verifier, or where to find one. Never quoted back. */
#include <string.h>

#include "inventory/declaration.h"
#include "inventory/findings.h"
#include "inventory/value.h"

#define MD5_PREFIX     "md5"
#define MD5_HEX_LENGTH ((size_t)32)
#define SCRAM_PREFIX   "SCRAM-SHA-256$"
#define SHA256_LENGTH  ((size_t)32)

static bool
is_md5_verifier(const char *text)
{
    const char *hex = text + strlen(MD5_PREFIX);

    return strlen(hex) == MD5_HEX_LENGTH && strspn(hex, "0123456789abcdef") == MD5_HEX_LENGTH;
}

/* length 0: any but none. */
static bool
is_base64_of(const char *text, size_t length)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t digits = strspn(text, alphabet);
    size_t padding = strspn(text + digits, "=");
    g_autofree unsigned char *decoded = NULL;
    gsize decoded_length = 0;

    if (digits == 0 || text[digits + padding] != '\0' || (digits + padding) % 4 != 0 || padding > 2)
        return false;
    decoded = g_base64_decode(text, &decoded_length);
    return length == 0 ? decoded_length > 0 : decoded_length == length;
}

/* SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>, parse_scram_secret() in the server. */
static bool
is_scram_verifier(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text + strlen(SCRAM_PREFIX), "$", -1);
    g_auto(GStrv) salted = NULL;
    g_auto(GStrv) keys = NULL;

    if (g_strv_length(parts) != 2)
        return false;
    salted = g_strsplit(parts[0], ":", -1);
    keys = g_strsplit(parts[1], ":", -1);
    return g_strv_length(salted) == 2 && g_strv_length(keys) == 2 &&
           g_ascii_string_to_unsigned(salted[0], 10, 1, G_MAXINT32, NULL, NULL) &&
           g_ascii_isdigit(*salted[0]) && is_base64_of(salted[1], 0) &&
           is_base64_of(keys[0], SHA256_LENGTH) && is_base64_of(keys[1], SHA256_LENGTH);
}

static const struct {
    const char *prefix;
    const char *name;
    bool (*is_valid)(const char *text);
} verifiers[] = {
    { MD5_PREFIX, "an MD5 verifier", is_md5_verifier },
    { SCRAM_PREFIX, "a SCRAM verifier", is_scram_verifier },
};

static bool
bind_text(Binder *binder, const char *text, PasswordDecl *password)
{
    password->text = text;
    if (*text == '\0') {
        password->kind = PASSWORD_CLEAR;
        return true;
    }
    password->kind = PASSWORD_PLAINTEXT;
    for (size_t i = 0; i < G_N_ELEMENTS(verifiers); i++) {
        if (!g_str_has_prefix(text, verifiers[i].prefix))
            continue;
        password->kind = PASSWORD_VERIFIER;
        if (verifiers[i].is_valid(text))
            return true;
        findings_add(
            binder->findings, &FINDING_BAD_VERIFIER, password->pos,
            "copy the whole verifier from pg_authid, or choose a password that begins otherwise",
            "%s begins like %s but is none", value_label(binder, "password"), verifiers[i].name);
        return false;
    }
    return true;
}

static bool
bind_scalar(Binder *binder, const Node *value, PasswordDecl *password)
{
    if (value->type == SCALAR_NULL)
        return true;
    if (value->type == SCALAR_BOOL) {
        findings_add(binder->findings, &FINDING_NOT_A_TEXT, value->pos,
                     "put it in quotes if the text is meant", "%s must be a text, found a boolean",
                     value_label(binder, "password"));
        return false;
    }
    if (strlen(value->text) != value->length) {
        findings_add(binder->findings, &FINDING_BAD_TEXT, value->pos, NULL, "%s holds a NUL byte",
                     value_label(binder, "password"));
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

/* The keys of an unknown mapping are not told: { secret } is a mapping with the secret as key. */
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
            return password->text != NULL;
        }
        if (!value_is_list(binder, "command", entry->value) ||
            !value_text_list(binder, "command", entry->value, &password->argv))
            return false;
        if (password->argv.count > 0)
            return true;
        findings_add(binder->findings, &FINDING_BAD_PASSWORD, value->pos, NULL,
                     "%s names an empty command", label);
        return false;
    }
    findings_add(
        binder->findings, &FINDING_BAD_PASSWORD, value->pos, "a text with braces needs quotes",
        "%s is a mapping; a reference has one of the keys file, env, command, pwfile, vault",
        label);
    return false;
}

bool
password_bind(Binder *binder, const Node *value, PasswordDecl *ret_password)
{
    *ret_password = (PasswordDecl){ .pos = value->pos };
    if (!value_usable(binder, value))
        return false;
    switch (value->kind) {
    case NODE_SCALAR:
        return bind_scalar(binder, value, ret_password);
    case NODE_MAPPING:
        return bind_reference(binder, value, ret_password);
    default:
        findings_add(binder->findings, &FINDING_BAD_PASSWORD, value->pos, NULL,
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
