/* One function for each piece of advice. */
#include "hba/analyse/lint_advice.h"

#include <string.h>

#include "hba/analyse/guard.h"
#include "hba/analyse/known_names.h"
#include "hba/findings.h"

/* Widest networks that still count as somebody's own: 10.0.0.0/8 and fc00::/7 are, 0.0.0.0/0 is
 * not. */
#define WORLD_BITS 0

static bool
is_world(const HbaAddress *address)
{
    return address->kind == HBA_ADDRESS_ALL ||
           (address->kind == HBA_ADDRESS_NETWORK && address->bits == WORLD_BITS);
}

/* All of 127.0.0.0/8 is loopback, and samehost never leaves the machine. */
static bool
is_loopback(const HbaAddress *address)
{
    static const uint8_t v6[HBA_ADDRESS_BYTES] = { [15] = 1 };

    if (address->kind == HBA_ADDRESS_SAMEHOST)
        return true;
    if (address->kind != HBA_ADDRESS_NETWORK)
        return false;
    if (address->is_v6)
        return address->bits == 128 && memcmp(address->address, v6, sizeof v6) == 0;
    return address->bits >= 8 && address->address[0] == 127;
}

/* GSS encryption protects a password as TLS does. */
static bool
demands_encryption(const HbaRule *rule)
{
    return rule->type == HBA_TYPE_HOSTSSL || rule->type == HBA_TYPE_HOSTGSSENC;
}

/*
 * With these methods auth.c sends AUTH_REQ_PASSWORD and reads the password itself
 * (recv_password_packet()).
 */
static bool
sends_plaintext(const HbaRule *rule)
{
    return rule->method == HBA_METHOD_PASSWORD || rule->method == HBA_METHOD_LDAP ||
           rule->method == HBA_METHOD_PAM || rule->method == HBA_METHOD_BSD ||
           rule->method == HBA_METHOD_RADIUS;
}

/*
 * md5 takes SCRAM verifiers as well (auth.c, CheckPWChallengeAuth()), so the advice is about the
 * MD5 verifiers that it lets in besides.
 */
static void
advise_on_method(const HbaLint *lint, const HbaRule *rule)
{
    bool network = rule->type != HBA_TYPE_LOCAL && !is_loopback(&rule->address);

    if (rule->method == HBA_METHOD_TRUST && network)
        findings_add(
            lint->findings, &FINDING_HBA_TRUST, rule->pos, "demand a password or a certificate",
            "trust: whoever connects from %s may be any of these users", rule->address.text);
    if (network && sends_plaintext(rule) && !demands_encryption(rule))
        findings_add(lint->findings, &FINDING_HBA_PLAINTEXT_PASSWORD, rule->pos,
                     "use hostssl, or scram-sha-256",
                     "%s sends the password in plain text, and this rule does not demand TLS",
                     hba_methods[rule->method].keyword);
    if (rule->method == HBA_METHOD_MD5 && lint->instance != NULL &&
        !lint->instance->password_is_md5)
        findings_add(lint->findings, &FINDING_HBA_MD5, rule->pos, "scram-sha-256 takes only those",
                     "md5 also lets in MD5 verifiers, while pg_pwd_enc is scram-sha-256");
    if (network && is_world(&rule->address) && rule->method != HBA_METHOD_REJECT &&
        !demands_encryption(rule))
        findings_add(lint->findings, &FINDING_HBA_WORLD_OPEN, rule->pos,
                     "use hostssl, or a smaller network",
                     "this rule lets in from every address, without demanding TLS");
}

/*
 * A rule that cannot be judged counts as letting in, so that advice is given only where it is
 * certain.
 */
static bool
asks(const HbaLint *lint, const List *rules, const HbaConnection *connection)
{
    const HbaEvaluator evaluator = {
        .arena = lint->arena,
        .program = lint->program,
        .version = lint->version,
        .roles = lint->roles,
    };
    HbaVerdict verdict = hba_evaluate(&evaluator, rules, connection);

    return verdict.match == HBA_MATCH_UNKNOWN ||
           (verdict.rule != NULL && verdict.rule->method != HBA_METHOD_REJECT);
}

/* `all` does not cover physical replication: a common reason why a replica does not come up. */
static void
advise_on_replication(const HbaLint *lint, const List *rules)
{
    const char *user = lint->instance->users.replication;
    const HbaRule *first = NULL;
    bool has_rule = false;

    LIST_FOREACH (const HbaRule, rule, rules) {
        bool names_user = false;
        bool for_replication = false;

        if (rule->is_comment || rule->include != NULL)
            continue;
        LIST_FOREACH (const HbaToken, token, &rule->users)
            names_user = names_user || g_strcmp0(token->text, user) == 0;
        LIST_FOREACH (const HbaToken, token, &rule->databases)
            for_replication = for_replication || (token->kind == HBA_TOKEN_KEYWORD &&
                                                  strcmp(token->text, "replication") == 0);
        if (names_user && first == NULL)
            first = rule;
        has_rule = has_rule || for_replication;
    }
    if (first != NULL && !has_rule)
        findings_add(lint->findings, &FINDING_HBA_REPLICATION_RULE_MISSING, first->pos,
                     "add a rule with the database replication",
                     "\"%s\" has rules, but no rule is for replication: `all` does not cover it",
                     user);
}

/* The monitor user may come over the socket or the loopback address; one of them is enough. */
static void
advise_on_system_users(const HbaLint *lint, const List *rules)
{
    const SystemUsers *users = &lint->instance->users;
    HbaConnection socket = { .user = users->dbsu, .database = "postgres", .is_local = true };
    HbaConnection loopback = { .user = users->monitor, .database = "postgres" };

    if (!asks(lint, rules, &socket))
        findings_add(lint->findings, &FINDING_HBA_SYSTEM_USER_REFUSED, lint->instance->pos, NULL,
                     "no rule lets \"%s\" in over the socket", users->dbsu);
    if (users->monitor == NULL)
        return;
    socket.user = users->monitor;
    hba_connection_set_address(&loopback, "127.0.0.1");
    if (!asks(lint, rules, &socket) && !asks(lint, rules, &loopback))
        findings_add(lint->findings, &FINDING_HBA_SYSTEM_USER_REFUSED, lint->instance->pos, NULL,
                     "no rule lets \"%s\" in from this host", users->monitor);
}

void
hba_lint_advise(const HbaLint *lint, const List *rules)
{
    const KnownNames known = { .roles = lint->roles, .databases = lint->databases };

    LIST_FOREACH (const HbaRule, rule, rules) {
        if (rule->is_comment || rule->include != NULL)
            continue;
        advise_on_method(lint, rule);
        known_names_check(&known, rule, lint->findings);
    }
    if (lint->instance != NULL && lint->program == HBA_PROGRAM_POSTGRESQL) {
        advise_on_replication(lint, rules);
        advise_on_system_users(lint, rules);
    }
}
