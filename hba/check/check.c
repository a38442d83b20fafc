/* Judging rules, the same for raw lines and alias rules. */
#include "hba/check/check.h"

#include <string.h>

#include "hba/check/check_names.h"
#include "hba/check/options.h"
#include "hba/syntax/tokens.h"
#include "inventory/model/server_feature.h"

/* MAX_LINE of hba.c, with room for a # and the line's end. */
#define LINE_BYTES_13 20470
#define INET6_WIDTH   48

/*
 * Each of these would change lines around the text: a newline starts a rule that nobody declared, a
 * backslash at the end swallows the next rule, and up to 13 fgets() gives the rest of a long line
 * as a line of its own (tokenize_file()).
 */
bool
hba_check_text(const HbaCheck *check, SourcePos pos, const char *what, const char *text,
               unsigned flags)
{
    size_t length = strlen(text);

    if (hba_has_control_character(text, (flags & HBA_TEXT_TABS_ALLOWED) ? "\t" : "")) {
        findings_add(check->findings, &FINDING_HBA_CONTROL_CHARACTER, pos,
                     "write one line per rule, without newlines and control characters",
                     "%s holds a newline or control character", what);
        return false;
    }
    if (length > 0 && text[length - 1] == '\\') {
        findings_add(check->findings, &FINDING_HBA_TRAILING_BACKSLASH, pos,
                     "PostgreSQL 14 and later would read the next line as its continuation",
                     "%s ends with a backslash", what);
        return false;
    }
    if (length > LINE_BYTES_13 && check->program == HBA_PROGRAM_POSTGRESQL &&
        !server_has(check->version, SERVER_HBA_LONG_LINES)) {
        findings_add(check->findings, &FINDING_HBA_LINE_TOO_LONG, pos,
                     "split it into several rules", "%s is longer than %s reads in one line", what,
                     check->server);
        return false;
    }
    return true;
}

static bool
has_since(const HbaCheck *check, const int since[HBA_PROGRAM_COUNT])
{
    return check->version >= since[check->program];
}

static bool
check_type(const HbaCheck *check, const HbaRule *rule)
{
    const HbaTypeInfo *type = &hba_types[rule->type];
    bool is_include = type->kind == HBA_LINE_INCLUDE;

    if (has_since(check, type->since))
        return true;
    if (check->program == HBA_PROGRAM_PGBOUNCER) {
        hba_check_add_pgbouncer(check, &FINDING_HBA_PGB_TYPE, rule->pos,
                                is_include ? "write its rules here"
                                           : "write host, hostssl or hostnossl",
                                "%s skips %s: it has no \"%s\" lines", check->server,
                                hba_check_rule_name(check), type->keyword);
        return !check->enabled;
    }
    findings_add(
        check->findings, &FINDING_HBA_TYPE_UNSUPPORTED, rule->pos,
        hba_check_hint(check, NULL,
                       arena_printf(check->arena, "invalid connection type \"%s\"", type->keyword)),
        "\"%s\" needs PostgreSQL %d, pg_version is %d", type->keyword,
        type->since[HBA_PROGRAM_POSTGRESQL], check->version);
    return false;
}

/*
 * The table holds what parse_hba_line() refuses: peer over a network, cert without TLS, gss on a
 * socket. Whether a build has sspi or bsd cannot be known here, so that is a warning.
 */
static bool
check_method(const HbaCheck *check, const HbaRule *rule)
{
    const HbaMethodInfo *method = &hba_methods[rule->method];
    const char *type = hba_types[rule->type].keyword;

    if (!has_since(check, method->since)) {
        if (check->program == HBA_PROGRAM_PGBOUNCER) {
            hba_check_add_pgbouncer(check, &FINDING_HBA_PGB_METHOD, rule->pos,
                                    rule->method == HBA_METHOD_IDENT
                                        ? "write peer on a local line"
                                        : "it knows trust, reject, password, md5, "
                                          "scram-sha-256, cert and peer",
                                    "%s skips %s: it has no method \"%s\"", check->server,
                                    hba_check_rule_name(check), method->keyword);
            return !check->enabled;
        }
        findings_add(
            check->findings, &FINDING_HBA_METHOD_UNSUPPORTED, rule->pos,
            hba_check_hint(check, NULL,
                           arena_printf(check->arena, "invalid authentication method \"%s\"",
                                        method->keyword)),
            "method \"%s\" needs PostgreSQL %d, pg_version is %d", method->keyword,
            method->since[HBA_PROGRAM_POSTGRESQL], check->version);
        return false;
    }
    if ((method->types & (1u << rule->type)) == 0) {
        findings_add(check->findings, &FINDING_HBA_METHOD_TYPE, rule->pos,
                     hba_check_hint(check,
                                    rule->method == HBA_METHOD_PEER
                                        ? "peer works over the local socket only"
                                        : NULL,
                                    method->complaint),
                     "method \"%s\" does not go with a \"%s\" line", method->keyword, type);
        return false;
    }
    if (rule->method == HBA_METHOD_SSPI || rule->method == HBA_METHOD_BSD)
        findings_add(check->findings, &FINDING_HBA_METHOD_UNAVAILABLE, rule->pos, NULL,
                     "only servers on %s have the method \"%s\"; others refuse the whole file",
                     rule->method == HBA_METHOD_SSPI ? "Windows" : "OpenBSD", method->keyword);
    return true;
}

/*
 * PostgreSQL accepts both odd spellings and host bits. PgBouncer cannot read the first, since
 * parse_addr() uses inet_pton(), and never matches the second (match_inet4()).
 */
static bool
check_network(const HbaCheck *check, const HbaRule *rule)
{
    const HbaAddress *address = &rule->address;
    bool host_bits = hba_address_has_host_bits(address);
    const char *network = NULL;
    const char *hint = NULL;

    if (address->is_plain && !host_bits)
        return true;
    network = hba_address_network(check->arena, address);

    if (check->program == HBA_PROGRAM_PGBOUNCER && !address->is_plain) {
        hba_check_add_pgbouncer(check, &FINDING_HBA_PGB_ADDRESS, rule->address_pos,
                                arena_printf(check->arena, "write %s", network),
                                "%s skips %s: it cannot read the address \"%s\"", check->server,
                                hba_check_rule_name(check), address->text);
        return !check->enabled;
    }
    if (!address->is_plain)
        findings_add(check->findings, &FINDING_HBA_ADDRESS_AMBIGUOUS, rule->address_pos,
                     arena_printf(check->arena, "write %s", network),
                     "address \"%s\" is read as %s", address->text, network);
    if (!host_bits)
        return true;
    hint = arena_printf(check->arena, "write %s, or %s for that one host", network,
                        hba_address_host(check->arena, address));
    if (check->program == HBA_PROGRAM_PGBOUNCER) {
        hba_check_add_pgbouncer(check, &FINDING_HBA_PGB_HOST_BITS, rule->address_pos, hint,
                                "%s never matches %s: \"%s\" has host bits set", check->server,
                                hba_check_rule_name(check), address->text);
        return !check->enabled;
    }
    findings_add(check->findings, &FINDING_HBA_HOST_BITS, rule->address_pos, hint,
                 "address \"%s\" means %s, all of it", address->text, network);
    return true;
}

/*
 * PgBouncer's parse_addr() reads numbers only. PostgreSQL takes any other text for a host name,
 * which for digits and dots is hardly what was meant.
 */
static bool
check_address(const HbaCheck *check, const HbaRule *rule)
{
    const HbaAddress *address = &rule->address;

    if (address->kind == HBA_ADDRESS_NONE)
        return true;
    if (address->kind == HBA_ADDRESS_NETWORK)
        return check_network(check, rule);
    if (check->program == HBA_PROGRAM_PGBOUNCER) {
        hba_check_add_pgbouncer(check, &FINDING_HBA_PGB_ADDRESS, rule->address_pos,
                                address->kind == HBA_ADDRESS_ALL
                                    ? "write two lines, 0.0.0.0/0 and ::/0"
                                    : "write an IP address with its mask",
                                "%s skips %s: \"%s\" is not an IP address", check->server,
                                hba_check_rule_name(check), address->text);
        return !check->enabled;
    }
    if (address->kind == HBA_ADDRESS_HOST_NAME && hba_address_looks_numeric(address->text))
        findings_add(check->findings, &FINDING_HBA_ADDRESS_AMBIGUOUS, rule->address_pos, NULL,
                     "address \"%s\" is not an IP address and is read as a host name",
                     address->text);
    return true;
}

/*
 * A line made from an alias rule can be long only by its names. Every byte of a name is counted as
 * if it were a doubled quote. An upper bound is enough, because no reasonable line comes near it.
 */
static bool
check_length(const HbaCheck *check, const HbaRule *rule)
{
    size_t length = strlen("#hostnogssenc scram-sha-256") + 3 * INET6_WIDTH;

    if (check->program != HBA_PROGRAM_POSTGRESQL ||
        server_has(check->version, SERVER_HBA_LONG_LINES) || rule->raw != NULL)
        return true;
    LIST_FOREACH (const HbaToken, database, &rule->databases)
        length += 2 * strlen(database->text) + strlen("\"\",");
    LIST_FOREACH (const HbaToken, user, &rule->users)
        length += 2 * strlen(user->text) + strlen("\"\",");
    if (length <= LINE_BYTES_13)
        return true;
    findings_add(check->findings, &FINDING_HBA_LINE_TOO_LONG, rule->pos,
                 "split it into several rules", "%s gives a line longer than %s reads",
                 hba_check_rule_name(check), check->server);
    return false;
}

/*
 * Everything is checked even after an error: load_hba() parses the whole file too, so that one run
 * shows every problem.
 */
bool
hba_check_rule(const HbaCheck *check, const HbaRule *rule)
{
    bool ok = check_type(check, rule);

    if (hba_types[rule->type].kind == HBA_LINE_INCLUDE)
        return ok;
    ok = hba_check_names(check, rule) && ok;
    ok = check_length(check, rule) && ok;
    ok = check_address(check, rule) && ok;
    /* The options of a method that is not there would only say so again. */
    return check_method(check, rule) && hba_check_options(check, rule) && ok;
}
