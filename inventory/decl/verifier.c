/* The server's own checks: get_password_type() and parse_scram_secret(). */
#include "inventory/decl/verifier.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

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

/*
 * The length of what is decoded is checked, because the server does: a key of another length makes
 * parse_scram_secret() fail and the text a plain password. length 0 means any length above zero.
 */
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

VerifierStatus
verifier_recognise(const char *text, const char **ret_name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(verifiers); i++) {
        if (!g_str_has_prefix(text, verifiers[i].prefix))
            continue;
        *ret_name = verifiers[i].name;
        return verifiers[i].is_valid(text) ? VERIFIER_VALID : VERIFIER_BROKEN;
    }
    return VERIFIER_NONE;
}
