/* Hex, PBKDF2, HMAC and AES-CTR, the last three by libcrypto. */
#include "inventory/vault/vault_envelope.h"

#include <glib.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "base/wipe.h"

#define HEADER       "$ANSIBLE_VAULT"
#define CIPHER       "AES256"
#define ITERATIONS   10000
#define KEY_LENGTH   32
#define BLOCK_LENGTH 16 /* of AES, whatever the length of its key: the IV and the padding */

/* What PBKDF2 gives, in this order. */
typedef struct Keys {
    unsigned char cipher[KEY_LENGTH];
    unsigned char hmac[KEY_LENGTH];
    unsigned char iv[BLOCK_LENGTH];
} Keys;

_Static_assert(sizeof(Keys) == 80, "ansible-vault derives 80 bytes");

bool
vault_is_encrypted(const char *bytes, size_t length)
{
    return length >= strlen(HEADER) && memcmp(bytes, HEADER, strlen(HEADER)) == 0;
}

/*
 * Two digits a byte. Blanks and line ends between digits are skipped: the lines are there for the
 * eye. *ret_bad_line counts from 1 and is 0 where only a digit is missing at the end.
 */
static unsigned char *
decode_hex(Arena *arena, const char *text, size_t length, size_t *ret_length,
           unsigned *ret_bad_line)
{
    unsigned char *bytes = arena_alloc(arena, length / 2 + 1);
    size_t digits = 0;
    unsigned line = 1;

    for (size_t i = 0; i < length; i++) {
        int value = g_ascii_xdigit_value(text[i]);

        if (value >= 0) {
            bytes[digits / 2] = (unsigned char)(bytes[digits / 2] << 4 | value);
            digits++;
        } else if (!g_ascii_isspace(text[i])) {
            *ret_bad_line = line;
            return NULL;
        }
        line += text[i] == '\n';
    }
    *ret_bad_line = 0;
    *ret_length = digits / 2;
    return digits % 2 == 0 ? bytes : NULL;
}

/* NULL, or what this program does not know about the header. */
static const char *
parse_header(Arena *arena, const char *line, VaultEnvelope *envelope)
{
    g_auto(GStrv) parts = g_strsplit(line, ";", -1);
    guint count = g_strv_length(parts);

    for (guint i = 0; i < count; i++)
        g_strstrip(parts[i]);
    if (count < 3)
        return "its first line has to be $ANSIBLE_VAULT;1.1;AES256 or "
               "$ANSIBLE_VAULT;1.2;AES256;ID";
    if (strcmp(parts[1], "1.1") != 0 && strcmp(parts[1], "1.2") != 0)
        return arena_printf(arena, "its format is \"%s\", and 1.1 and 1.2 are known", parts[1]);
    if (strcmp(parts[2], CIPHER) != 0)
        return arena_printf(arena, "its cipher is \"%s\", and " CIPHER " is known", parts[2]);
    if (count >= 4)
        envelope->label = arena_strdup(arena, parts[3]);
    return NULL;
}

/* The decoded body is three lines of hex: one pair of digits that is lost anywhere shows here. */
static const char *
parse_parts(Arena *arena, const char *body, size_t length, VaultEnvelope *envelope)
{
    static const char cut[] = "it is cut off: ansible-vault has written more than stands here";
    const char *salt_end = memchr(body, '\n', length);
    const char *hmac = salt_end == NULL ? NULL : salt_end + 1;
    const char *end = body + length;
    const char *hmac_end = hmac == NULL ? NULL : memchr(hmac, '\n', (size_t)(end - hmac));
    size_t hmac_length = 0;
    unsigned bad_line = 0;

    if (hmac_end == NULL)
        return cut;
    envelope->salt =
        decode_hex(arena, body, (size_t)(salt_end - body), &envelope->salt_length, &bad_line);
    envelope->hmac = decode_hex(arena, hmac, (size_t)(hmac_end - hmac), &hmac_length, &bad_line);
    envelope->ciphertext = decode_hex(arena, hmac_end + 1, (size_t)(end - hmac_end - 1),
                                      &envelope->ciphertext_length, &bad_line);
    if (bad_line == 0 && hmac_length == VAULT_HMAC_LENGTH &&
        (envelope->ciphertext == NULL || envelope->ciphertext_length == 0 ||
         envelope->ciphertext_length % BLOCK_LENGTH != 0))
        return cut;
    if (envelope->salt == NULL || envelope->salt_length == 0 || envelope->hmac == NULL ||
        hmac_length != VAULT_HMAC_LENGTH || envelope->ciphertext == NULL)
        return "what it holds is not what ansible-vault writes";
    return NULL;
}

bool
vault_envelope_parse(Arena *arena, const char *text, size_t length, VaultEnvelope *ret_envelope,
                     const char **ret_problem)
{
    const char *line_end = memchr(text, '\n', length);
    size_t header_length = line_end == NULL ? length : (size_t)(line_end - text);
    g_autofree char *header = g_strndup(text, header_length);
    unsigned char *body = NULL;
    size_t body_length = 0;
    unsigned bad_line = 0;

    *ret_envelope = (VaultEnvelope){ 0 };
    if (!vault_is_encrypted(text, length)) {
        *ret_problem = "it does not begin with $ANSIBLE_VAULT";
        return false;
    }
    *ret_problem = parse_header(arena, header, ret_envelope);
    if (*ret_problem != NULL)
        return false;
    body = decode_hex(arena, text + header_length, length - header_length, &body_length, &bad_line);
    if (body != NULL)
        *ret_problem = parse_parts(arena, (const char *)body, body_length, ret_envelope);
    else if (bad_line > 0)
        *ret_problem = arena_printf(
            arena, "its line %u holds a character that is not a hexadecimal digit", bad_line);
    else
        *ret_problem = "it has an odd number of hexadecimal digits: one is missing";
    return *ret_problem == NULL;
}

static void
derive_keys(const VaultEnvelope *envelope, const char *password, size_t length, Keys *ret_keys)
{
    if (PKCS5_PBKDF2_HMAC(password, (int)length, envelope->salt, (int)envelope->salt_length,
                          ITERATIONS, EVP_sha256(), sizeof(Keys), (unsigned char *)ret_keys) != 1)
        g_error("libcrypto has no PBKDF2 with SHA-256");
}

static bool
hmac_agrees(const VaultEnvelope *envelope, const Keys *keys)
{
    unsigned char mac[VAULT_HMAC_LENGTH];
    unsigned length = 0;

    if (HMAC(EVP_sha256(), keys->hmac, KEY_LENGTH, envelope->ciphertext,
             envelope->ciphertext_length, mac, &length) == NULL)
        g_error("libcrypto has no HMAC-SHA-256");
    return CRYPTO_memcmp(mac, envelope->hmac, VAULT_HMAC_LENGTH) == 0;
}

static void
decrypt(const VaultEnvelope *envelope, const Keys *keys, char *plaintext)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int length = 0;

    if (context == NULL ||
        EVP_DecryptInit_ex(context, EVP_aes_256_ctr(), NULL, keys->cipher, keys->iv) != 1 ||
        EVP_DecryptUpdate(context, (unsigned char *)plaintext, &length, envelope->ciphertext,
                          (int)envelope->ciphertext_length) != 1)
        g_error("libcrypto has no AES-256-CTR");
    EVP_CIPHER_CTX_free(context);
}

/* PKCS#7 (RFC 5652, section 6.3): as many bytes of the value N as N says. 0: that is none. */
static size_t
padding_length(const char *plaintext, size_t length)
{
    size_t padding = (unsigned char)plaintext[length - 1];

    if (padding == 0 || padding > BLOCK_LENGTH || padding > length)
        return 0;
    for (size_t i = 1; i <= padding; i++) {
        if ((unsigned char)plaintext[length - i] != padding)
            return 0;
    }
    return padding;
}

/* The HMAC is checked before anything is decrypted, as ansible-vault does it. */
char *
vault_envelope_open(const VaultEnvelope *envelope, const char *password, size_t length,
                    size_t *ret_length)
{
    Keys keys;
    char *plaintext = NULL;
    size_t padding = 0;

    derive_keys(envelope, password, length, &keys);
    if (hmac_agrees(envelope, &keys)) {
        plaintext = g_malloc0(envelope->ciphertext_length + 1);
        decrypt(envelope, &keys, plaintext);
        padding = padding_length(plaintext, envelope->ciphertext_length);
    }
    wipe(&keys, sizeof keys);
    if (plaintext == NULL)
        return NULL;
    if (padding == 0) {
        wipe(plaintext, envelope->ciphertext_length);
        g_free(plaintext);
        return NULL;
    }
    *ret_length = envelope->ciphertext_length - padding;
    plaintext[*ret_length] = '\0';
    return plaintext;
}
