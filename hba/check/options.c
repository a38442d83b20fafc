/* Reading and judging options, after parse_hba_auth_opt() and parse_hba_line() of hba.c. */
#include "hba/check/options.h"

#include <string.h>

#include "base/suggest.h"

/*
 * The first = ends the name, as in parse_hba_line(): a value may contain others, and LDAP filters
 * do.
 */
bool
hba_option_parse(const HbaCheck *check, SourcePos pos, const char *word, HbaOption *ret_option)
{
    const char *equals = strchr(word, '=');
    g_autofree char *name = equals == NULL ? NULL : g_strndup(word, (size_t)(equals - word));
    size_t index = 0;
    const char *nearest = NULL;

    if (equals == NULL) {
        findings_add(check->findings, &FINDING_HBA_OPTION_INVALID, pos,
                     hba_check_hint(check, NULL,
                                    arena_printf(check->arena,
                                                 "authentication option not in name=value format: "
                                                 "%s",
                                                 word)),
                     "\"%s\" after the method is not a name=value option", word);
        return false;
    }
    index = hba_word_index(hba_option_words, name);
    if (hba_option_words[index] == NULL) {
        nearest = suggest_nearest(name, hba_option_words);
        findings_add(
            check->findings, &FINDING_HBA_OPTION_INVALID, pos,
            hba_check_hint(check,
                           nearest == NULL
                               ? NULL
                               : arena_printf(check->arena, "did you mean \"%s\"?", nearest),
                           arena_printf(check->arena,
                                        "unrecognized authentication option name: \"%s\"", name)),
            "option \"%s\" does not exist", name);
        return false;
    }
    ret_option->name = (HbaOptionName)index;
    ret_option->value = arena_strdup(check->arena, equals + 1);
    return true;
}

static const HbaOption *
find_option(const HbaRule *rule, HbaOptionName name)
{
    LIST_FOREACH (const HbaOption, option, &rule->options) {
        if (option->name == name)
            return option;
    }
    return NULL;
}

static bool
add_invalid(const HbaCheck *check, const HbaRule *rule, const char *says, const char *message)
{
    findings_add(check->findings, &FINDING_HBA_OPTION_INVALID, rule->pos,
                 hba_check_hint(check, NULL, says), "%s", message);
    return false;
}

static const char *
list_methods(Arena *arena, unsigned methods)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (size_t i = 0; i < HBA_METHOD_COUNT; i++) {
        if (methods & (1u << i))
            g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", hba_methods[i].keyword);
    }
    return arena_strdup(arena, text->str);
}

/*
 * With the method cert the server checks the client's name anyway, and parse_hba_auth_opt() refuses
 * a value that promises less; 13 still accepts verify-ca.
 */
static bool
check_clientcert(const HbaCheck *check, const HbaRule *rule, const char *value)
{
    /* 13 still knows the numbers of earlier versions. */
    static const struct {
        const char *value;
        int until;
        bool with_cert;
    } values[] = {
        { "verify-full", HBA_NEVER, true },
        { "verify-ca", HBA_NEVER, false },
        { "no-verify", 13, false },
        { "1", 13, true },
        { "0", 13, false },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
        if (strcmp(values[i].value, value) == 0 && check->version <= values[i].until)
            return values[i].with_cert || rule->method != HBA_METHOD_CERT ||
                   (check->version <= 13 && strcmp(value, "verify-ca") == 0) ||
                   add_invalid(check, rule, NULL,
                               "clientcert takes only verify-full with the method \"cert\"");
    }
    return add_invalid(check, rule,
                       arena_printf(check->arena, "invalid value for clientcert: \"%s\"", value),
                       "clientcert takes verify-full or verify-ca");
}

/* The server uses atoi() for the port and refuses 0, which is also what atoi() makes of a text. */
static bool
check_value(const HbaCheck *check, const HbaRule *rule, const HbaOption *option)
{
    const char *value = option->value;

    if (option->name == HBA_OPTION_CLIENTCERT)
        return check_clientcert(check, rule, value);
    if (option->name == HBA_OPTION_CLIENTNAME && strcmp(value, "CN") != 0 &&
        strcmp(value, "DN") != 0)
        return add_invalid(
            check, rule, arena_printf(check->arena, "invalid value for clientname: \"%s\"", value),
            "clientname takes CN or DN");
    if (option->name == HBA_OPTION_LDAPPORT && g_ascii_strtoll(value, NULL, 10) == 0)
        return add_invalid(check, rule,
                           arena_printf(check->arena, "invalid LDAP port number: \"%s\"", value),
                           "ldapport takes a port number");
    return true;
}

/*
 * PostgreSQL refuses the file for an option it does not know, PgBouncer skips the line. The
 * versions of both are columns of option.def.
 */
static bool
check_option(const HbaCheck *check, const HbaRule *rule, const HbaOption *option)
{
    const HbaOptionInfo *info = &hba_options[option->name];
    const char *methods = NULL;

    if (check->program == HBA_PROGRAM_PGBOUNCER &&
        check->version < info->since[HBA_PROGRAM_PGBOUNCER]) {
        hba_check_add_pgbouncer(check, &FINDING_HBA_PGB_OPTION, rule->pos, "leave the option out",
                                "%s skips %s: it has no option \"%s\"", check->server,
                                hba_check_rule_name(check), info->keyword);
        return !check->enabled;
    }
    if (check->program == HBA_PROGRAM_POSTGRESQL &&
        check->version < info->since[HBA_PROGRAM_POSTGRESQL])
        return add_invalid(
            check, rule,
            arena_printf(check->arena, "unrecognized authentication option name: \"%s\"",
                         info->keyword),
            arena_printf(check->arena, "option \"%s\" needs PostgreSQL %d, pg_version is %d",
                         info->keyword, info->since[HBA_PROGRAM_POSTGRESQL], check->version));
    if (info->needs_ssl && rule->type != HBA_TYPE_HOSTSSL)
        return add_invalid(
            check, rule,
            arena_printf(check->arena, "%s can only be configured for \"hostssl\" rows",
                         info->keyword),
            arena_printf(check->arena, "option \"%s\" needs a hostssl line", info->keyword));
    if ((info->methods & (1u << rule->method)) != 0)
        return check_value(check, rule, option);
    methods = list_methods(check->arena, info->methods);
    return add_invalid(check, rule, NULL,
                       arena_printf(check->arena,
                                    "option \"%s\" goes with the methods %s, not with \"%s\"",
                                    info->keyword, methods, hba_methods[rule->method].keyword));
}

/*
 * The MANDATORY_AUTH_ARG checks of parse_hba_line(), which come after all options have been read.
 */
static bool
check_required(const HbaCheck *check, const HbaRule *rule)
{
    static const struct {
        HbaMethod method;
        HbaOptionName option;
    } required[] = {
        { HBA_METHOD_RADIUS, HBA_OPTION_RADIUSSERVERS },
        { HBA_METHOD_RADIUS, HBA_OPTION_RADIUSSECRETS },
        { HBA_METHOD_OAUTH, HBA_OPTION_SCOPE },
        { HBA_METHOD_OAUTH, HBA_OPTION_ISSUER },
    };

    bool ok = true;

    for (size_t i = 0; i < G_N_ELEMENTS(required); i++) {
        const char *method = hba_methods[required[i].method].keyword;
        const char *option = hba_options[required[i].option].keyword;

        if (required[i].method != rule->method || find_option(rule, required[i].option) != NULL)
            continue;
        findings_add(check->findings, &FINDING_HBA_OPTION_MISSING, rule->pos,
                     hba_check_hint(check, NULL,
                                    arena_printf(check->arena,
                                                 "authentication method \"%s\" requires argument "
                                                 "\"%s\" to be set",
                                                 method, option)),
                     "method \"%s\" needs the option \"%s\"", method, option);
        ok = false;
    }
    return ok;
}

/*
 * Direct bind (prefix, suffix) or search and bind (base DN), never both. parse_hba_line() makes
 * these checks once it has seen all options of the line.
 */
static bool
check_ldap(const HbaCheck *check, const HbaRule *rule)
{
    static const HbaOptionName search[] = {
        HBA_OPTION_LDAPBASEDN,          HBA_OPTION_LDAPBINDDN,       HBA_OPTION_LDAPBINDPASSWD,
        HBA_OPTION_LDAPSEARCHATTRIBUTE, HBA_OPTION_LDAPSEARCHFILTER,
    };
    bool direct = find_option(rule, HBA_OPTION_LDAPPREFIX) != NULL ||
                  find_option(rule, HBA_OPTION_LDAPSUFFIX) != NULL;

    if (rule->method != HBA_METHOD_LDAP)
        return true;
    for (size_t i = 0; direct && i < G_N_ELEMENTS(search); i++) {
        if (find_option(rule, search[i]) != NULL)
            return add_invalid(check, rule,
                               "cannot mix options for simple bind and search+bind modes",
                               "ldapprefix and ldapsuffix do not go with the options of a search");
    }
    if (!direct && find_option(rule, HBA_OPTION_LDAPBASEDN) == NULL &&
        find_option(rule, HBA_OPTION_LDAPURL) == NULL) {
        findings_add(check->findings, &FINDING_HBA_OPTION_MISSING, rule->pos, NULL,
                     "method \"ldap\" needs ldapbasedn, ldapprefix, ldapsuffix or ldapurl");
        return false;
    }
    if (find_option(rule, HBA_OPTION_LDAPSEARCHATTRIBUTE) != NULL &&
        find_option(rule, HBA_OPTION_LDAPSEARCHFILTER) != NULL)
        return add_invalid(check, rule,
                           "cannot use ldapsearchattribute together with ldapsearchfilter",
                           "ldapsearchattribute does not go with ldapsearchfilter");
    return true;
}

bool
hba_check_options(const HbaCheck *check, const HbaRule *rule)
{
    bool ok = true;

    LIST_FOREACH (const HbaOption, option, &rule->options)
        ok = check_option(check, rule, option) && ok;
    return check_required(check, rule) && check_ldap(check, rule) && ok;
}
