/* The guards of check_hba(), in its order, each with the sentence that says why it stopped a line.
 */
#include "hba/analyse/evaluate.h"

#include <arpa/inet.h>
#include <string.h>

#include "hba/syntax/regex.h"

typedef struct Guard {
    const HbaEvaluator *evaluator;
    const HbaConnection *connection;
    const HbaRule *rule;
    const char *reason;
} Guard;

/* The server compares the bytes of the address without its zone (range_sockaddr_AF_INET6()). */
bool
hba_connection_set_address(HbaConnection *connection, const char *text)
{
    g_autofree char *plain = g_strndup(text, strcspn(text, "%"));

    memset(connection->address, 0, sizeof connection->address);
    connection->is_v6 = strchr(plain, ':') != NULL;
    return inet_pton(connection->is_v6 ? AF_INET6 : AF_INET, plain, connection->address) == 1;
}

/* parse_hba_line() replaces ident on a local line by peer, for the sake of old files. */
const char *
hba_rule_effective_method(const HbaRule *rule)
{
    HbaMethod method = rule->method;

    if (rule->type == HBA_TYPE_LOCAL && method == HBA_METHOD_IDENT)
        method = HBA_METHOD_PEER;
    return hba_methods[method].keyword;
}

typedef struct TypeWish {
    bool ssl_matters;
    bool ssl;
    bool gss_matters;
    bool gss;
    const char *reason;
} TypeWish;

static const TypeWish type_wishes[HBA_TYPE_COUNT] = {
    [HBA_TYPE_HOSTSSL] = { .ssl_matters = true,
                           .ssl = true,
                           .reason = "the connection is without TLS" },
    [HBA_TYPE_HOSTNOSSL] = { .ssl_matters = true, .reason = "the connection has TLS" },
    [HBA_TYPE_HOSTGSSENC] = { .gss_matters = true,
                              .gss = true,
                              .reason = "the connection is without GSS encryption" },
    [HBA_TYPE_HOSTNOGSSENC] = { .gss_matters = true,
                                .reason = "the connection has GSS encryption" },
};

/*
 * check_hba() begins with the same question: addresses have no meaning for a socket, so nothing
 * else may be asked before it.
 */
static HbaMatch
match_type(Guard *guard)
{
    const TypeWish *wish = &type_wishes[guard->rule->type];
    bool is_local_line = guard->rule->type == HBA_TYPE_LOCAL;

    if (is_local_line != guard->connection->is_local) {
        guard->reason = is_local_line ? "it is for the local socket" : "it is for a network";
        return HBA_MATCH_NO;
    }
    guard->reason = wish->reason;
    if ((wish->ssl_matters && wish->ssl != guard->connection->ssl) ||
        (wish->gss_matters && wish->gss != guard->connection->gss))
        return HBA_MATCH_NO;
    return HBA_MATCH_YES;
}

/*
 * check_ip() compares within one family only; an IPv4 rule does not match an IPv4 address mapped
 * into IPv6.
 */
static bool
in_network(const HbaConnection *connection, const HbaAddress *network)
{
    size_t bytes = network->is_v6 ? 16 : 4;

    if (connection->is_v6 != network->is_v6)
        return false;
    for (size_t i = 0; i < bytes; i++) {
        if (((connection->address[i] ^ network->address[i]) & network->mask[i]) != 0)
            return false;
    }
    return true;
}

/* PgBouncer masks the client's address only, so host bits in the rule never match. */
static bool
in_network_of_pgbouncer(const HbaConnection *connection, const HbaAddress *network)
{
    return !hba_address_has_host_bits(network) && in_network(connection, network);
}

/*
 * check_network_callback() makes a mask of all ones for samehost and uses the interface's own mask
 * for samenet.
 */
static bool
is_same_host(const HbaConnection *connection, const HbaAddress *own)
{
    return connection->is_v6 == own->is_v6 &&
           memcmp(connection->address, own->address, own->is_v6 ? 16 : 4) == 0;
}

/*
 * Which addresses the server has is known to the server alone. Without them the answer is unknown,
 * and a guess could be an open door.
 */
static HbaMatch
match_server_networks(Guard *guard)
{
    bool same_host = guard->rule->address.kind == HBA_ADDRESS_SAMEHOST;

    if (guard->connection->server_networks.count == 0) {
        guard->reason = "it depends on the server's own addresses, which are not known";
        return HBA_MATCH_UNKNOWN;
    }
    LIST_FOREACH (const HbaAddress, own, &guard->connection->server_networks) {
        if (same_host ? is_same_host(guard->connection, own) : in_network(guard->connection, own))
            return HBA_MATCH_YES;
    }
    guard->reason = same_host ? "the address is not one of the server's own"
                              : "the address is not in any of the server's networks";
    return HBA_MATCH_NO;
}

/*
 * hostname_match(): .suffix matches the end; case does not count. check_hostname() also resolves
 * the name again and compares the address; whoever fills host_names has done that.
 */
static HbaMatch
match_host_name(Guard *guard)
{
    const char *pattern = guard->rule->address.text;
    size_t pattern_length = strlen(pattern);

    if (guard->connection->host_names == NULL) {
        guard->reason = "it names a host, and the client's host names are not known";
        return HBA_MATCH_UNKNOWN;
    }
    for (const char *const *name = guard->connection->host_names; *name != NULL; name++) {
        size_t length = strlen(*name);

        if (*pattern == '.' ? length >= pattern_length &&
                                  g_ascii_strcasecmp(*name + length - pattern_length, pattern) == 0
                            : g_ascii_strcasecmp(*name, pattern) == 0)
            return HBA_MATCH_YES;
    }
    guard->reason = "the client's host name is different";
    return HBA_MATCH_NO;
}

static HbaMatch
match_address(Guard *guard)
{
    const HbaAddress *address = &guard->rule->address;
    bool inside = false;

    switch (address->kind) {
    case HBA_ADDRESS_NONE:
    case HBA_ADDRESS_ALL:
        return HBA_MATCH_YES;
    case HBA_ADDRESS_SAMEHOST:
    case HBA_ADDRESS_SAMENET:
        return match_server_networks(guard);
    case HBA_ADDRESS_HOST_NAME:
        return match_host_name(guard);
    case HBA_ADDRESS_NETWORK:
        break;
    }
    inside = guard->evaluator->program == HBA_PROGRAM_PGBOUNCER
                 ? in_network_of_pgbouncer(guard->connection, address)
                 : in_network(guard->connection, address);
    guard->reason = "the address is not in its network";
    return inside ? HBA_MATCH_YES : HBA_MATCH_NO;
}

/*
 * What cannot be translated is unknown and not a mismatch: otherwise a rule that lets somebody in
 * might be passed over.
 */
static HbaMatch
match_regex(Guard *guard, const HbaToken *token, const char *text)
{
    const char *reason = NULL;

    switch (hba_regex_match(token->text + 1, text, &reason)) {
    case HBA_REGEX_MATCH:
        return HBA_MATCH_YES;
    case HBA_REGEX_NO_MATCH:
        return HBA_MATCH_NO;
    case HBA_REGEX_REFUSED:
    case HBA_REGEX_UNSUPPORTED:
        break;
    }
    guard->reason =
        arena_printf(guard->evaluator->arena, "regular expression \"%s\" cannot be judged: %s",
                     token->text, reason);
    return HBA_MATCH_UNKNOWN;
}

static HbaMatch
match_group(const Guard *guard, const char *role)
{
    const HbaRoleSet *roles = guard->evaluator->roles;

    return hba_role_set_is_member(roles, guard->connection->user, role) ? HBA_MATCH_YES
                                                                        : HBA_MATCH_NO;
}

/* samerole asks for membership in the role that has the name of the database (check_db()). */
static HbaMatch
match_database_keyword(const Guard *guard, const char *word)
{
    const HbaConnection *connection = guard->connection;

    if (strcmp(word, "all") == 0)
        return HBA_MATCH_YES;
    if (strcmp(word, "sameuser") == 0)
        return strcmp(connection->database, connection->user) == 0 ? HBA_MATCH_YES : HBA_MATCH_NO;
    if (strcmp(word, "samerole") == 0 || strcmp(word, "samegroup") == 0)
        return match_group(guard, connection->database);
    /* replication: for physical replication only, which never comes here */
    return HBA_MATCH_NO;
}

/*
 * check_db(): a walsender that is not bound to a database matches the keyword replication and
 * nothing else.
 */
static HbaMatch
match_database(Guard *guard, const HbaToken *token)
{
    const HbaConnection *connection = guard->connection;

    if (connection->replication == HBA_REPLICATION_PHYSICAL)
        return token->kind == HBA_TOKEN_KEYWORD && strcmp(token->text, "replication") == 0
                   ? HBA_MATCH_YES
                   : HBA_MATCH_NO;
    switch (token->kind) {
    case HBA_TOKEN_KEYWORD:
        return match_database_keyword(guard, token->text);
    case HBA_TOKEN_REGEX:
        return match_regex(guard, token, connection->database);
    case HBA_TOKEN_NAME:
    case HBA_TOKEN_ROLE:
    case HBA_TOKEN_FILE:
        break;
    }
    return strcmp(token->text, connection->database) == 0 ? HBA_MATCH_YES : HBA_MATCH_NO;
}

static HbaMatch
match_user(Guard *guard, const HbaToken *token)
{
    switch (token->kind) {
    case HBA_TOKEN_KEYWORD:
        return HBA_MATCH_YES; /* all: the only keyword of users */
    case HBA_TOKEN_ROLE:
        return match_group(guard, token->text + 1);
    case HBA_TOKEN_REGEX:
        return match_regex(guard, token, guard->connection->user);
    case HBA_TOKEN_NAME:
    case HBA_TOKEN_FILE:
        break;
    }
    return strcmp(token->text, guard->connection->user) == 0 ? HBA_MATCH_YES : HBA_MATCH_NO;
}

typedef HbaMatch TokenMatcher(Guard *guard, const HbaToken *token);

/* Any token that matches is enough; one that cannot be judged counts only when none does. */
static HbaMatch
match_any(Guard *guard, const List *tokens, TokenMatcher *matches, const char *reason)
{
    HbaMatch result = HBA_MATCH_NO;
    const char *unknown = NULL;

    LIST_FOREACH (const HbaToken, token, tokens) {
        HbaMatch match = matches(guard, token);

        if (match == HBA_MATCH_YES)
            return HBA_MATCH_YES;
        if (match == HBA_MATCH_UNKNOWN) {
            result = HBA_MATCH_UNKNOWN;
            unknown = guard->reason;
        }
    }
    guard->reason = result == HBA_MATCH_UNKNOWN ? unknown : reason;
    return result;
}

/* The answer of one part of a rule, with its reason. */
typedef struct PartMatch {
    HbaMatch match;
    const char *reason;
} PartMatch;

static PartMatch
answer_of(const Guard *guard, HbaMatch match)
{
    return (PartMatch){ .match = match, .reason = guard->reason };
}

/* Two parts of a rule together: a plain "no" settles it, even where the other cannot be judged. */
static PartMatch
both(PartMatch left, PartMatch right)
{
    if (left.match == HBA_MATCH_NO || right.match == HBA_MATCH_YES)
        return left;
    return right;
}

/*
 * In the order of check_hba() in src/backend/libpq/hba.c: type, address, database, user. Unlike the
 * server it goes on after a part that cannot be judged: if another part does not match, the line is
 * settled after all.
 */
static HbaMatch
match_rule(Guard *guard)
{
    const char *database_reason = guard->connection->replication == HBA_REPLICATION_PHYSICAL
                                      ? "it is not for physical replication"
                                      : "it is for other databases";
    HbaMatch type = match_type(guard);
    PartMatch all = { 0 };

    if (type != HBA_MATCH_YES)
        return type;
    all = answer_of(guard, match_address(guard));
    all = both(all, answer_of(guard, match_any(guard, &guard->rule->databases, match_database,
                                               database_reason)));
    all = both(all, answer_of(guard, match_any(guard, &guard->rule->users, match_user,
                                               "it is for other users")));
    guard->reason = all.reason;
    return all.match;
}

/*
 * Without a match check_hba() makes up a reject rule. A line that cannot be judged ends the search,
 * because the answer depends on it.
 */
HbaVerdict
hba_evaluate(const HbaEvaluator *evaluator, const List *rules, const HbaConnection *connection)
{
    HbaVerdict verdict = { .match = HBA_MATCH_NO };

    LIST_FOREACH (const HbaRule, rule, rules) {
        Guard guard = { .evaluator = evaluator, .connection = connection, .rule = rule };
        HbaPassed *passed = NULL;
        HbaMatch match = HBA_MATCH_NO;

        if (rule->is_comment || rule->include != NULL)
            continue;
        match = match_rule(&guard);
        if (match != HBA_MATCH_NO) {
            verdict.match = match;
            verdict.rule = rule;
            verdict.unknown = match == HBA_MATCH_UNKNOWN ? guard.reason : NULL;
            return verdict;
        }
        passed = ARENA_NEW(evaluator->arena, HbaPassed);
        *passed = (HbaPassed){ .rule = rule, .reason = guard.reason };
        list_add(evaluator->arena, &verdict.passed, passed);
    }
    return verdict;
}
