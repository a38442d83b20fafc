/* SCRAM-SHA-256 and MD5, computed by libcrypto. */
#include "roles/password/password.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <stringprep.h>

#define SCRAM_KEY_LENGTH  32
#define SCRAM_SALT_LENGTH 16
#define SCRAM_PREFIX      "SCRAM-SHA-256$"
#define MD5_PREFIX        "md5"
#define MD5_LENGTH        35

typedef struct ScramKeys {
    unsigned char stored[SCRAM_KEY_LENGTH];
    unsigned char server[SCRAM_KEY_LENGTH];
} ScramKeys;

/*
 * The server prepares a password with SASLprep and, where that is not possible (not UTF-8,
 * prohibited or unassigned characters), takes its bytes as they are; pure ASCII always is its own
 * result.
 */
static char *
prepare(const char *plaintext)
{
    char *prepared = NULL;
    char *copy = NULL;

    if (g_str_is_ascii(plaintext) || !g_utf8_validate(plaintext, -1, NULL))
        return g_strdup(plaintext);
    if (stringprep_profile(plaintext, &prepared, "SASLprep", STRINGPREP_NO_UNASSIGNED) !=
        STRINGPREP_OK)
        return g_strdup(plaintext);
    copy = g_strdup(*prepared != '\0' ? prepared : plaintext);
    /* libidn's memory is malloc()'s, and so is what it held of the password. */
    OPENSSL_cleanse(prepared, strlen(prepared));
    free(prepared);
    return copy;
}

/*
 * A failure here is a libcrypto without SHA-256, as in a broken FIPS setup; there is no password
 * that could be set then.
 */
static void
hmac_sha256(const unsigned char *key, const char *text, unsigned char *ret_mac)
{
    unsigned length = 0;

    if (HMAC(EVP_sha256(), key, SCRAM_KEY_LENGTH, (const unsigned char *)text, strlen(text),
             ret_mac, &length) == NULL)
        g_error("libcrypto has no HMAC-SHA-256");
}

/*
 * RFC 5802, section 3, with the names of scram-common.c: SaltedPassword is PBKDF2, StoredKey the
 * hash of ClientKey. Everything from which a login could be made is wiped, the stack copies
 * included.
 */
static void
scram_keys(const char *plaintext, const unsigned char *salt, size_t salt_length, int iterations,
           ScramKeys *ret_keys)
{
    char *prepared = prepare(plaintext);
    unsigned char salted[SCRAM_KEY_LENGTH];
    unsigned char client[SCRAM_KEY_LENGTH];

    if (PKCS5_PBKDF2_HMAC(prepared, (int)strlen(prepared), salt, (int)salt_length, iterations,
                          EVP_sha256(), SCRAM_KEY_LENGTH, salted) != 1)
        g_error("libcrypto has no PBKDF2");
    hmac_sha256(salted, "Client Key", client);
    hmac_sha256(salted, "Server Key", ret_keys->server);
    if (EVP_Digest(client, sizeof client, ret_keys->stored, NULL, EVP_sha256(), NULL) != 1)
        g_error("libcrypto has no SHA-256");
    OPENSSL_cleanse(prepared, strlen(prepared));
    OPENSSL_cleanse(salted, sizeof salted);
    OPENSSL_cleanse(client, sizeof client);
    g_free(prepared);
}

/* SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>; the last three are base64. */
int
password_iterations(const char *verifier)
{
    g_auto(GStrv) parts = NULL;
    gint64 iterations = 0;

    if (!g_str_has_prefix(verifier, SCRAM_PREFIX))
        return 0;
    parts = g_strsplit(verifier + strlen(SCRAM_PREFIX), ":", 2);
    if (parts[0] == NULL ||
        !g_ascii_string_to_signed(parts[0], 10, 1, G_MAXINT32, &iterations, NULL))
        return 0;
    return (int)iterations;
}

/*
 * Only StoredKey is compared: both keys come from the same SaltedPassword. The comparison takes the
 * same time wherever the bytes differ.
 */
static bool
scram_matches(const char *plaintext, const char *verifier)
{
    g_auto(GStrv) parts = g_strsplit_set(verifier + strlen(SCRAM_PREFIX), ":$", 4);
    g_autofree guchar *salt = NULL;
    g_autofree guchar *stored = NULL;
    gsize salt_length = 0;
    gsize stored_length = 0;
    int iterations = password_iterations(verifier);
    ScramKeys keys;

    if (g_strv_length(parts) != 4 || iterations == 0)
        return false;
    salt = g_base64_decode(parts[1], &salt_length);
    stored = g_base64_decode(parts[2], &stored_length);
    if (stored_length != SCRAM_KEY_LENGTH)
        return false;
    scram_keys(plaintext, salt, salt_length, iterations, &keys);
    return CRYPTO_memcmp(keys.stored, stored, SCRAM_KEY_LENGTH) == 0;
}

/*
 * md5(password || role name), as pg_md5_encrypt() in md5_common.c: renaming a role makes the
 * verifier useless, which is why the server drops it then (user.c RenameRole()).
 */
char *
password_md5_verifier(Arena *arena, const char *plaintext, const char *role_name)
{
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_MD5);

    g_checksum_update(checksum, (const guchar *)plaintext, (gssize)strlen(plaintext));
    g_checksum_update(checksum, (const guchar *)role_name, (gssize)strlen(role_name));
    return arena_printf(arena, MD5_PREFIX "%s", g_checksum_get_string(checksum));
}

/* A plaintext in pg_authid cannot occur: servers from 10 on hash whatever is set. */
bool
password_matches(const char *plaintext, const char *role_name, const char *verifier)
{
    g_autoptr(Arena) arena = NULL;

    if (g_str_has_prefix(verifier, SCRAM_PREFIX))
        return scram_matches(plaintext, verifier);
    if (!g_str_has_prefix(verifier, MD5_PREFIX) || strlen(verifier) != MD5_LENGTH)
        return false;
    arena = arena_new();
    return strcmp(password_md5_verifier(arena, plaintext, role_name), verifier) == 0;
}

/*
 * A new salt of 16 bytes (SCRAM_DEFAULT_SALT_LEN) for every verifier, so two roles with one
 * password do not look alike.
 */
char *
password_scram_verifier(Arena *arena, const char *plaintext, int iterations)
{
    unsigned char salt[SCRAM_SALT_LENGTH];
    ScramKeys keys;
    g_autofree char *salt_text = NULL;
    g_autofree char *stored_text = NULL;
    g_autofree char *server_text = NULL;

    if (RAND_bytes(salt, sizeof salt) != 1)
        g_error("libcrypto has no random bytes");
    scram_keys(plaintext, salt, sizeof salt, iterations, &keys);
    salt_text = g_base64_encode(salt, sizeof salt);
    stored_text = g_base64_encode(keys.stored, sizeof keys.stored);
    server_text = g_base64_encode(keys.server, sizeof keys.server);
    return arena_printf(arena, SCRAM_PREFIX "%d:%s$%s:%s", iterations, salt_text, stored_text,
                        server_text);
}
