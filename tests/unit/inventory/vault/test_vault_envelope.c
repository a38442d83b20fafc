/* What the real ansible-vault (ansible-core 2.19) has written, and what it would not write. */
#include <glib.h>
#include <string.h>

#include "base/wipe.h"
#include "inventory/vault/vault_envelope.h"

/* The password of all but the second is "geheim". */
static const char plain[] =
    "$ANSIBLE_VAULT;1.1;AES256\n"
    "30666662383231373065663665666263613839656163326635343932336332666633313365373636\n"
    "6139336362616235633938626665626530653732656235610a306530386264356233366633653966\n"
    "33633662373932323465633663336462373633393132653435343764616437396564613330373063\n"
    "3033626238306661330a373738626437353233623165656332336636623233346238653934653961\n"
    "3732\n";
static const char with_label[] =
    "$ANSIBLE_VAULT;1.2;AES256;prod\n"
    "38333930356464376431346539633165346666636165313561626461666337393664346135333636\n"
    "3766326663636531356231356634303231363132656263390a356664346261633930646338636635\n"
    "61336435623033356565373263303266383466666639323863623032636561303564326134323239\n"
    "6562633366323865330a653335366163646138373334353361343233333737616134313039346135\n"
    "6533\n";
static const char whole_block[] =
    "$ANSIBLE_VAULT;1.1;AES256\n"
    "37313762633064386132646239663132363862666230306532383439393932396337366239353565\n"
    "6533656130616332356166623337616665343963376661330a326138383662376436653964313534\n"
    "38386166346664643139306465363538643936356666323662373536393637633837656635626464\n"
    "3633363764396539300a366461373665356564623538666334323432323030353038636439323136\n"
    "66376637313061626630326131386563363433373761313433336536323166663933\n";
static const char empty[] =
    "$ANSIBLE_VAULT;1.1;AES256\n"
    "66383264363135316235633637646438386230666333656164616430653661626365386631353734\n"
    "6566313662326436343263656336323436386263656336360a386564333064656365616363666239\n"
    "62386165653833373863393830663961383539306666613034643631333663626661373164323235\n"
    "3533316439653333390a393536363935383136323935313631663134396534396237303335343234\n"
    "6533\n";
static const char two_lines[] =
    "$ANSIBLE_VAULT;1.1;AES256\n"
    "32323130616166613166353566386164616135306635353161633666653631393039623464376339\n"
    "6331323762616135363432656333393534303430356130370a623937353031646361333939613638\n"
    "37653836623133636639643362643461316333353264333238653237653565316333313836383762\n"
    "6438643632393766310a383435666339613362626663353738363430653765313833346234353265\n"
    "3937\n";

static char *
opened(const char *text, const char *password, const char **ret_label)
{
    g_autoptr(Arena) arena = arena_new();
    VaultEnvelope envelope;
    const char *problem = NULL;
    size_t length = 0;
    char *plaintext = NULL;

    g_assert_true(vault_is_encrypted(text, strlen(text)));
    g_assert_true(vault_envelope_parse(arena, text, strlen(text), &envelope, &problem));
    if (ret_label != NULL)
        *ret_label = g_intern_string(envelope.label);
    plaintext = vault_envelope_open(&envelope, password, strlen(password), &length);
    if (plaintext != NULL)
        g_assert_cmpuint(strlen(plaintext), ==, length);
    return plaintext;
}

static void
assert_opens(const char *text, const char *password, const char *plaintext, const char *label)
{
    const char *found_label = NULL;
    char *found = opened(text, password, &found_label);

    g_assert_cmpstr(found, ==, plaintext);
    g_assert_cmpstr(found_label, ==, label);
    wipe_free(found);
}

static void
what_the_real_tool_wrote_is_opened(void)
{
    assert_opens(plain, "geheim", "s3cret", NULL);
    assert_opens(with_label, "other", "PROD", "prod");
    assert_opens(whole_block, "geheim", "exactly 16 bytes", NULL);
    assert_opens(empty, "geheim", "", NULL);
    assert_opens(two_lines, "geheim", "two\nlines\n", NULL);
}

static void
another_password_opens_nothing(void)
{
    g_assert_null(opened(plain, "other", NULL));
    g_assert_null(opened(plain, "", NULL));
    g_assert_null(opened(with_label, "geheim", NULL));
}

/* As in a !vault value whose lines somebody has indented, or a file with line ends of Windows. */
static void
blanks_between_digits_do_not_count(void)
{
    g_autoptr(GString) text = g_string_new(plain);

    g_string_replace(text, "\n", "\r\n   ", 0);
    assert_opens(text->str, "geheim", "s3cret", NULL);
}

/* A changed digit is found by the HMAC, wherever it is. */
static void
a_changed_text_is_not_opened(void)
{
    g_autofree char *text = g_strdup(plain);
    size_t header = strcspn(text, "\n");

    for (size_t i = header + 1; i < strlen(text); i += 37) {
        char before = text[i];
        g_autoptr(Arena) arena = arena_new();
        VaultEnvelope envelope;
        const char *problem = NULL;
        size_t length = 0;

        if (before == '\n')
            continue;
        text[i] = before == '3' ? '6' : '3';
        if (vault_envelope_parse(arena, text, strlen(text), &envelope, &problem))
            g_assert_null(vault_envelope_open(&envelope, "geheim", strlen("geheim"), &length));
        text[i] = before;
    }
}

static void
assert_problem(const char *text, size_t length, const char *expected)
{
    g_autoptr(Arena) arena = arena_new();
    VaultEnvelope envelope;
    const char *problem = NULL;

    g_assert_false(vault_envelope_parse(arena, text, length, &envelope, &problem));
    g_assert_cmpstr(problem, ==, expected);
}

static void
assert_problem_of(const char *text, const char *expected)
{
    assert_problem(text, strlen(text), expected);
}

static void
an_unknown_header_is_told(void)
{
    assert_problem_of("xyz", "it does not begin with $ANSIBLE_VAULT");
    assert_problem_of("$ANSIBLE_VAULT", "its first line has to be $ANSIBLE_VAULT;1.1;AES256 or "
                                        "$ANSIBLE_VAULT;1.2;AES256;ID");
    assert_problem_of("$ANSIBLE_VAULT;1.3;AES256\n30\n",
                      "its format is \"1.3\", and 1.1 and 1.2 are known");
    assert_problem_of("$ANSIBLE_VAULT;1.1;AES\n30\n", "its cipher is \"AES\", and AES256 is known");
}

static void
what_is_no_hex_is_told_with_its_line(void)
{
    g_autoptr(GString) text = g_string_new(plain);

    text->str[strcspn(plain, "\n") + 90] = 'x';
    assert_problem_of(text->str, "its line 3 holds a character that is not a hexadecimal digit");
    assert_problem(plain, strlen(plain) - 2,
                   "it has an odd number of hexadecimal digits: one is missing");
    assert_problem_of("$ANSIBLE_VAULT;1.1;AES256\n7a7a0a7a7a0a7a7a\n",
                      "what it holds is not what ansible-vault writes");
}

/* Wherever it is cut, it is never opened; where a whole part or half a block is gone, the message
   says so. */
static void
a_text_that_is_cut_off_is_told(void)
{
    static const char cut[] = "it is cut off: ansible-vault has written more than stands here";

    assert_problem_of("$ANSIBLE_VAULT;1.1;AES256\n", cut);
    assert_problem(plain, strlen(plain) - 5, cut);
    assert_problem(plain, 200, cut);
    for (size_t length = 1; length < strlen(plain) - 1; length++) {
        g_autoptr(Arena) arena = arena_new();
        VaultEnvelope envelope;
        const char *problem = NULL;

        g_assert_false(vault_envelope_parse(arena, plain, length, &envelope, &problem));
        g_assert_nonnull(problem);
    }
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vault/real", what_the_real_tool_wrote_is_opened);
    g_test_add_func("/vault/another-password", another_password_opens_nothing);
    g_test_add_func("/vault/blanks", blanks_between_digits_do_not_count);
    g_test_add_func("/vault/changed", a_changed_text_is_not_opened);
    g_test_add_func("/vault/header", an_unknown_header_is_told);
    g_test_add_func("/vault/hex", what_is_no_hex_is_told_with_its_line);
    g_test_add_func("/vault/cut", a_text_that_is_cut_off_is_told);
    return g_test_run();
}
