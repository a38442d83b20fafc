/* Encrypted values and files in an inventory: who opens them, who leaves them, who refuses them. */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../fixture.h"
#include "inventory/load/show.h"
#include "inventory/vault/sealed.h"

/* "s3cret" under "geheim", and "PROD" under "other" with the vault id prod. */
#define SECRET                                                                                     \
    "      $ANSIBLE_VAULT;1.1;AES256\n"                                                            \
    "      30666662383231373065663665666263613839656163326635343932336332666633313365373636\n"     \
    "      6139336362616235633938626665626530653732656235610a306530386264356233366633653966\n"     \
    "      33633662373932323465633663336462373633393132653435343764616437396564613330373063\n"     \
    "      3033626238306661330a373738626437353233623165656332336636623233346238653934653961\n"     \
    "      3732\n"
#define PROD                                                                                       \
    "      $ANSIBLE_VAULT;1.2;AES256;prod\n"                                                       \
    "      38333930356464376431346539633165346666636165313561626461666337393664346135333636\n"     \
    "      3766326663636531356231356634303231363132656263390a356664346261633930646338636635\n"     \
    "      61336435623033356565373263303266383466666639323863623032636561303564326134323239\n"     \
    "      6562633366323865330a653335366163646138373334353361343233333737616134313039346135\n"     \
    "      6533\n"
#define NOT_UTF8                                                                                   \
    "      $ANSIBLE_VAULT;1.1;AES256\n"                                                            \
    "      34346538323465366263386239616235613764333931643735363063396631653131383365303462\n"     \
    "      3265376138633230306339613931643333663362663032360a393230306564383630353965633438\n"     \
    "      36633861663265323336643064373437396364626562613531393766323135663139333139623661\n"     \
    "      3235323434313262330a613434393466646232383438306436306462306663663666326665653932\n"     \
    "      6637\n"

/* A file with that text and mode in a folder of its own; to be freed. */
static char *
file_with(const char *text, int mode)
{
    g_autofree char *folder = g_dir_make_tmp("pgc-vault-XXXXXX", NULL);
    char *path = g_build_filename(folder, "file", NULL);

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    g_assert_cmpint(g_chmod(path, (mode_t)mode), ==, 0);
    return path;
}

static void
remove_file(char *path)
{
    g_autofree char *folder = g_path_get_dirname(path);

    g_remove(path);
    g_rmdir(folder);
    g_free(path);
}

static const Inventory *
load_with(Fixture *fixture, const char *yaml, VaultPasswords *passwords)
{
    InventoryText text = { .file = "a.yml", .bytes = yaml, .length = strlen(yaml) };
    InventoryOptions options = { .text = &text, .passwords = passwords };

    fixture->inventory = inventory_load(fixture->arena, &options, fixture->findings);
    return fixture->inventory;
}

static const char *
password_of(Fixture *fixture, const char *role)
{
    const PasswordDecl *password = &find_role(fixture, role)->password;

    g_assert_cmpint(password->kind, ==, PASSWORD_SEALED);
    return sealed_open(fixture->arena, fixture->inventory->passwords, password->sealed,
                       fixture->findings);
}

static void
a_password_stays_closed_until_it_is_opened(Fixture *fixture, const void *data)
{
    char *path = file_with(" geheim\n", 0600);
    VaultPasswords *passwords = vault_passwords_new(fixture->arena);

    (void)data;
    vault_passwords_add(passwords, "default", path);
    load_with(fixture,
              INSTANCE("  pg_users: [{name: a, password: '{{ secret }}'},\n"
                       "             {name: b, password: 'x{{ secret }}-{{ secret }}'}]\n"
                       "  secret: !vault |\n" SECRET),
              passwords);
    g_assert_cmpstr(said(fixture), ==, "");
    g_assert_cmpstr(password_of(fixture, "a"), ==, "s3cret");
    g_assert_cmpstr(password_of(fixture, "b"), ==, "xs3cret-s3cret");
    g_assert_cmpstr(said(fixture), ==, "");
    remove_file(path);
}

static void
the_vault_id_is_tried_first_and_then_all(Fixture *fixture, const void *data)
{
    char *first = file_with("geheim", 0600);
    char *second = file_with("other\n", 0400);
    VaultPasswords *passwords = vault_passwords_new(fixture->arena);
    g_autofree char *id = g_strdup_printf("dev@%s", second);

    (void)data;
    g_assert_null(vault_passwords_add_id(passwords, first));
    g_assert_null(vault_passwords_add_id(passwords, id));
    load_with(fixture,
              INSTANCE("  pg_users: [{name: a, password: '{{ prod }}'}]\n"
                       "  prod: !vault |\n" PROD),
              passwords);
    g_assert_cmpstr(password_of(fixture, "a"), ==, "PROD");
    g_assert_cmpstr(said(fixture), ==, "");
    g_assert_cmpstr(vault_passwords_add_id(passwords, "dev@"), ==, "--vault-id names no file");
    g_assert_cmpstr(vault_passwords_add_id(passwords, "dev@prompt"), ==,
                    "--vault-id cannot ask for a password: name a file that holds it");
    remove_file(first);
    remove_file(second);
}

static void
without_a_password_or_with_another_it_is_told_once_it_is_needed(Fixture *fixture, const void *data)
{
    char *path = file_with("another", 0600);
    VaultPasswords *passwords = vault_passwords_new(fixture->arena);
    static const char yaml[] = INSTANCE("  pg_users: [{name: a, password: '{{ prod }}'}]\n"
                                        "  prod: !vault |\n" PROD);

    (void)data;
    load_with(fixture, yaml, NULL);
    g_assert_cmpstr(said(fixture), ==, "");
    g_assert_null(password_of(fixture, "a"));
    g_assert_cmpstr(said(fixture), ==,
                    "a.yml:5:9: error: the value is encrypted with vault id \"prod\", and no vault "
                    "password is given [vault-password-missing]\n");
    findings_free(fixture->findings);
    fixture->findings = findings_new(fixture->arena);
    vault_passwords_add(passwords, "default", path);
    load_with(fixture, yaml, passwords);
    g_assert_null(password_of(fixture, "a"));
    g_assert_cmpstr(said(fixture), ==,
                    "a.yml:5:9: error: the value is encrypted with vault id \"prod\", and no given "
                    "vault password opens it (tried: \"default\") [vault-password-wrong]\n");
    remove_file(path);
}

static void
what_is_malformed_is_told_without_a_password(Fixture *fixture, const void *data)
{
    (void)data;
    load_with(fixture,
              INSTANCE("  other: !vault xyz\n"
                       "  pg_users: [{name: a, password: !vault xyz},\n"
                       "    {name: b, password: !vault [x]},\n"
                       "    {name: c, password: '-{{ c }}'}]\n"
                       "  c: !vault \"$ANSIBLE_VAULT;1.1;AES256\\n3\"\n"),
              NULL);
    g_assert_cmpstr(
        said(fixture), ==,
        "a.yml:5:34: error: the encrypted value cannot be read: it does not begin with "
        "$ANSIBLE_VAULT [vault-invalid]\n"
        "a.yml:6:25: error: the encrypted value is not a text [vault-invalid]\n"
        "a.yml:8:6: error: the encrypted value cannot be read: it has an odd number of hexadecimal "
        "digits: one is missing [vault-invalid]\n");
}

static void
what_is_shown_cannot_be_encrypted(Fixture *fixture, const void *data)
{
    (void)data;
    load_with(fixture,
              INSTANCE("  pg_users: [{name: a, comment: '{{ v }}', connlimit: '{{ v }}'},\n"
                       "             {name: b, comment: \"{{ lookup('env', 'X') }}\"}]\n"
                       "  v: !vault |\n" SECRET),
              NULL);
    g_assert_cmpstr(
        said(fixture), ==,
        "a.yml:5:33: error: lookup() is understood in a password and in pg_conninfo "
        "only [jinja-unsupported]\n"
        "a.yml:6:6: error: an encrypted value stands where it would be shown in a plan; "
        "a password, pg_conninfo and HBA rules can be encrypted [vault-unsupported]\n");
}

static void
a_value_that_is_no_text_is_told(Fixture *fixture, const void *data)
{
    char *path = file_with("geheim", 0600);
    VaultPasswords *passwords = vault_passwords_new(fixture->arena);

    (void)data;
    vault_passwords_add(passwords, "default", path);
    load_with(fixture,
              INSTANCE("  pg_users: [{name: a, password: '{{ v }}'}]\n"
                       "  v: !vault |\n" NOT_UTF8),
              passwords);
    g_assert_null(password_of(fixture, "a"));
    g_assert_cmpstr(said(fixture), ==,
                    "a.yml:5:6: error: the encrypted value holds a NUL byte, or bytes that are no "
                    "UTF-8 [vault-invalid]\n");
    remove_file(path);
}

/* An HBA rule with a secret needs it; pg_conninfo is opened where somebody connects. */
static void
rules_and_connection_strings_are_opened(Fixture *fixture, const void *data)
{
    char *path = file_with("geheim", 0600);
    VaultPasswords *passwords = vault_passwords_new(fixture->arena);
    static const char yaml[] =
        INSTANCE("  pg_conninfo: 'host=h password={{ v }}'\n"
                 "  pg_hba_rules: [{title: t, rules: ['host all all all ldap "
                 "ldapserver=l ldapbinddn=d ldapbindpasswd={{ v }}']}]\n"
                 "  v: !vault |\n" SECRET);
    const Instance *instance = NULL;
    const HbaRuleDecl *rule = NULL;

    (void)data;
    vault_passwords_add(passwords, "default", path);
    load_with(fixture, yaml, passwords);
    g_assert_cmpstr(said(fixture), ==, "");
    instance = only_cluster(fixture)->primary;
    g_assert_cmpstr(instance->conninfo.value, ==, "host=h password=s3cret");
    rule = instance->pg_hba.sections[HBA_SECTION_RULES].items[0];
    g_assert_cmpstr(((const HbaText *)rule->raw_lines.items[0])->text, ==,
                    "host all all all ldap ldapserver=l ldapbinddn=d ldapbindpasswd=s3cret");
    load_with(fixture, yaml, NULL);
    g_assert_cmpstr(said(fixture), ==,
                    "a.yml:6:6: error: the value is encrypted with vault id \"default\", and no "
                    "vault password is given [vault-password-missing]\n");
    remove_file(path);
}

static void
lookups_are_references(Fixture *fixture, const void *data)
{
    (void)data;
    load(fixture,
         INSTANCE("  pg_users:\n"
                  "    - {name: a, password: \"{{ lookup('env', 'A_PW') }}\"}\n"
                  "    - {name: b, password: '{{lookup( \"ansible.builtin.file\" ,\"/b\")}}'}\n"
                  "    - {name: c, password: '{{ c }}'}\n"
                  "    - {name: d, password: \"{{ lookup('env', 'D', default='') }}\"}\n"
                  "    - {name: e, password: \"-{{ lookup('env', 'E') }}\"}\n"
                  "    - {name: f, password: \"{{ lookup('pipe', 'id') }}\"}\n"
                  "  c: \"{{ lookup('env','C') }}\"\n"));
    g_assert_cmpint(find_role(fixture, "a")->password.kind, ==, PASSWORD_ENV);
    g_assert_cmpstr(find_role(fixture, "a")->password.text, ==, "A_PW");
    g_assert_cmpint(find_role(fixture, "b")->password.kind, ==, PASSWORD_FILE);
    g_assert_cmpstr(find_role(fixture, "b")->password.text, ==, "/b");
    g_assert_cmpstr(find_role(fixture, "c")->password.text, ==, "C");
#define LOOKUP_MESSAGE                                                                             \
    "error: only lookup('env', 'NAME') and lookup('file', 'PATH') are understood, without "        \
    "default= and as the whole value [jinja-unsupported]\n"
    g_assert_cmpstr(said(fixture), ==,
                    "a.yml:8:27: " LOOKUP_MESSAGE "a.yml:9:27: " LOOKUP_MESSAGE
                    "a.yml:10:27: " LOOKUP_MESSAGE);
}

static void
show_prints_neither_text(Fixture *fixture, const void *data)
{
    g_autoptr(GString) out = g_string_new(NULL);

    (void)data;
    load_with(fixture,
              INSTANCE("  pg_users: [{name: a, password: '{{ v }}'},\n"
                       "    {name: b, password: \"{{ lookup('env','B') }}\"}]\n"
                       "  pg_conninfo: 'host=h password={{ v }}'\n"
                       "  v: !vault |\n" SECRET),
              vault_passwords_new(fixture->arena));
    instance_show(only_cluster(fixture)->primary, out);
    g_assert_nonnull(strstr(out->str, "    - name: a\n      password: <secret>\n"));
    g_assert_nonnull(strstr(out->str, "      password: \"{{ lookup('env','B') }}\"\n"));
    g_assert_nonnull(strstr(out->str, "  pg_conninfo: <secret>\n"));
    g_assert_null(strstr(out->str, "VAULT"));
}

static void
assert_unreadable(Fixture *fixture, const char *text, int mode, const char *problem)
{
    char *path = file_with(text, mode);
    VaultPasswords *passwords = vault_passwords_new(fixture->arena);
    g_autofree char *expected = g_strdup_printf("the password of vault id \"default\" cannot be "
                                                "read: %s",
                                                problem);
    const Finding *finding = NULL;

    vault_passwords_add(passwords, "default", path);
    findings_free(fixture->findings);
    fixture->findings = findings_new(fixture->arena);
    vault_passwords_read(passwords, fixture->findings);
    g_assert_cmpuint(fixture->findings->items.count, ==, 1);
    finding = fixture->findings->items.items[0];
    g_assert_cmpstr(finding->message, ==, expected);
    g_assert_cmpstr(finding->pos.file, ==, path);
    remove_file(path);
}

static void
a_password_file_is_private_and_a_script_is_its_owners(Fixture *fixture, const void *data)
{
    (void)data;
    assert_unreadable(fixture, "geheim", 0644, "other users may read the file");
    assert_unreadable(fixture, "\n", 0600, "the file is empty");
    assert_unreadable(fixture, "#!/bin/sh\necho geheim\n", 0770,
                      "the file is executable and belongs to, or may be written by, somebody else");
    assert_unreadable(fixture, "#!/bin/sh\nexit 3\n", 0755, "Child process exited with code 3");
    assert_unreadable(fixture, "#!/bin/sh\n:\n", 0755, "the script printed nothing");
}

static void
a_script_prints_the_password(Fixture *fixture, const void *data)
{
    char *path = file_with("#!/bin/sh\n[ $# = 0 ] && printf 'ge%s\\n' heim\n", 0755);
    g_autofree char *client = g_strconcat(path, "-client.sh", NULL);
    g_autofree char *id = g_strconcat("prod@", client, NULL);
    VaultPasswords *passwords = vault_passwords_new(fixture->arena);

    (void)data;
    g_assert_true(g_file_set_contents(
        client, "#!/bin/sh\n[ \"$1 $2\" = '--vault-id prod' ] && echo other\n", -1, NULL));
    g_assert_cmpint(g_chmod(client, 0700), ==, 0);
    vault_passwords_add(passwords, "default", path);
    g_assert_null(vault_passwords_add_id(passwords, id));
    load_with(
        fixture,
        INSTANCE("  pg_users: [{name: a, password: '{{ v }}'},{name: b, password: '{{ p }}'}]\n"
                 "  v: !vault |\n" SECRET "  p: !vault |\n" PROD),
        passwords);
    g_assert_cmpstr(password_of(fixture, "a"), ==, "s3cret");
    g_assert_cmpstr(password_of(fixture, "b"), ==, "PROD");
    g_assert_cmpstr(said(fixture), ==, "");
    g_remove(client);
    remove_file(path);
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    TEST("/sealed/password", a_password_stays_closed_until_it_is_opened);
    TEST("/sealed/vault-ids", the_vault_id_is_tried_first_and_then_all);
    TEST("/sealed/wrong", without_a_password_or_with_another_it_is_told_once_it_is_needed);
    TEST("/sealed/malformed", what_is_malformed_is_told_without_a_password);
    TEST("/sealed/shown", what_is_shown_cannot_be_encrypted);
    TEST("/sealed/no-text", a_value_that_is_no_text_is_told);
    TEST("/sealed/rules", rules_and_connection_strings_are_opened);
    TEST("/sealed/lookups", lookups_are_references);
    TEST("/sealed/show", show_prints_neither_text);
    TEST("/sealed/password-files", a_password_file_is_private_and_a_script_is_its_owners);
    TEST("/sealed/scripts", a_script_prints_the_password);
    return g_test_run();
}
