/* Expansion of alias rules. */
#include "hba/expand/alias.h"

#include <string.h>

#include "base/suggest.h"
#include "hba/check/check.h"
#include "hba/expand/alias_field.h"
#include "hba/syntax/tokens.h"

typedef enum StandsFor {
    HBA_STANDS_FOR_SOCKET,
    HBA_STANDS_FOR_LOCALHOST,
    HBA_STANDS_FOR_ADMIN,
    HBA_STANDS_FOR_INFRA,
    HBA_STANDS_FOR_CLUSTER,
    HBA_STANDS_FOR_INTRANET,
    HBA_STANDS_FOR_WORLD,
    HBA_STANDS_FOR_ITSELF,
} StandsFor;

typedef struct AuthAlias {
    HbaMethod method[HBA_PROGRAM_COUNT];
    HbaType type;
} AuthAlias;

static const char *const address_words[] = {
#define HBA_ADDRESS_ALIAS(word, stands_for) word,
#include "hba/expand/address_alias.def"
#undef HBA_ADDRESS_ALIAS
    /* not aliases, but what somebody may have meant */
    "samehost",
    "samenet",
    NULL,
};
static const StandsFor address_meanings[] = {
#define HBA_ADDRESS_ALIAS(word, stands_for) stands_for,
#include "hba/expand/address_alias.def"
#undef HBA_ADDRESS_ALIAS
};
static const char *const auth_words[] = {
#define HBA_AUTH_ALIAS(word, method, pgbouncer_method, type) word,
#include "hba/expand/auth_alias.def"
#undef HBA_AUTH_ALIAS
    NULL,
};
static const AuthAlias auth_aliases[] = {
#define HBA_AUTH_ALIAS(word, method, pgbouncer_method, type) { { method, pgbouncer_method }, type },
#include "hba/expand/auth_alias.def"
#undef HBA_AUTH_ALIAS
};

/* An alias rule on its way: what its lines have in common. */
typedef struct Expansion {
    const HbaCheck *check;
    const Instance *instance;
    const HbaRuleDecl *decl;
    HbaGroup *group;
    HbaRule common;
    HbaType network_type;
    bool ok;
} Expansion;

static StandsFor
address_meaning(const char *word)
{
    size_t index = hba_word_index(address_words, word);

    return index < G_N_ELEMENTS(address_meanings) ? address_meanings[index] : HBA_STANDS_FOR_ITSELF;
}

/*
 * Only this word makes the expansion depend on the cluster. All other rules are shared by instances
 * with the same facts (hba/expand/expand.c).
 */
bool
hba_alias_needs_cluster(const HbaRuleDecl *decl)
{
    return decl->addr.text != NULL && address_meaning(decl->addr.text) == HBA_STANDS_FOR_CLUSTER;
}

/* Every line is checked as a raw line is, so that one judgement holds for both kinds of rule. */
static void
add_line(Expansion *expansion, HbaType type, const HbaAddress *address)
{
    const HbaCheck *check = expansion->check;
    HbaRule *rule = ARENA_NEW(check->arena, HbaRule);

    *rule = expansion->common;
    rule->type = type;
    if (address != NULL)
        rule->address = *address;
    expansion->ok = hba_check_rule(check, rule) && expansion->ok;
    list_add(check->arena, &expansion->group->rules, rule);
}

/* The result needs no look: the text is a constant or has passed a check before. */
static void
add_known_address(Expansion *expansion, HbaType type, const char *text)
{
    HbaAddress address;

    (void)hba_address_parse(expansion->check->arena, text, false, NULL, &address);
    add_line(expansion, type, &address);
}

/*
 * A dot is demanded because a single word is more likely an alias with a spelling mistake, and
 * PostgreSQL would accept it as a host name that never resolves.
 */
static bool
is_host_name(const char *text)
{
    const char *dot = strrchr(text, '.');

    /* A last label of digits makes it an IP address that went wrong. */
    return dot != NULL && dot[1] != '\0' && strspn(dot + 1, "0123456789") != strlen(dot + 1) &&
           strstr(text, "..") == NULL &&
           strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") ==
               strlen(text);
}

static void
add_without_mask(Expansion *expansion, SourcePos pos, const HbaAddress *address, const char *what)
{
    expansion->ok = false;
    findings_add(expansion->check->findings, &FINDING_HBA_MASK_MISSING, pos,
                 arena_printf(expansion->check->arena, "write \"%s/%d\" for that one host",
                              address->text, address->is_v6 ? 128 : 32),
                 "%s \"%s\" has no mask", what, address->text);
}

static void
add_invalid_address(Expansion *expansion, SourcePos pos, const char *text, const char *what,
                    const char *hint)
{
    expansion->ok = false;
    findings_add(expansion->check->findings, &FINDING_HBA_ADDRESS_INVALID, pos, hint,
                 "%s \"%s\" is not an IP address with a mask", what, text);
}

/*
 * A network from the inventory, with its mask; pos is its place there. Stricter than for raw
 * lines, which only get a warning: a number that PostgreSQL reads in a surprising way is an error.
 */
static void
add_network(Expansion *expansion, SourcePos pos, const char *text, const char *what)
{
    const HbaCheck *check = expansion->check;
    const char *blank = strchr(text, ' ');
    const char *number =
        blank == NULL ? text : arena_strndup(check->arena, text, (size_t)(blank - text));
    HbaAddress address;
    HbaAddressProblem problem =
        hba_address_parse(check->arena, number, false, blank == NULL ? NULL : blank + 1, &address);

    if (problem == HBA_ADDRESS_NO_MASK && address.is_plain) {
        add_without_mask(expansion, pos, &address, what);
    } else if (problem != HBA_ADDRESS_FINE || address.kind != HBA_ADDRESS_NETWORK) {
        add_invalid_address(expansion, pos, text, what, NULL);
    } else if (!address.is_plain) {
        add_invalid_address(expansion, pos, text, what,
                            arena_printf(check->arena, "PostgreSQL reads it as %s",
                                         hba_address_network(check->arena, &address)));
    } else {
        expansion->common.address_pos = pos;
        add_line(expansion, expansion->network_type, &address);
    }
}

/*
 * One machine of the inventory by its number or, where that is all there is, by its name. The
 * refused characters are those that would end or change the field in the file; no host name
 * contains them.
 */
static void
add_host(Expansion *expansion, SourcePos pos, const char *text, const char *what)
{
    const HbaCheck *check = expansion->check;
    HbaAddress address;
    HbaAddressProblem problem = hba_address_parse(check->arena, text, false, NULL, &address);

    if (problem == HBA_ADDRESS_NO_MASK && address.is_plain) {
        add_known_address(expansion, expansion->network_type,
                          arena_printf(check->arena, "%s/%d", text, address.is_v6 ? 128 : 32));
    } else if (problem == HBA_ADDRESS_FINE && address.kind == HBA_ADDRESS_HOST_NAME &&
               !hba_address_looks_numeric(text) && !hba_has_control_character(text, "") &&
               strpbrk(text, " ,#\"\\@") == NULL && *text != '\0') {
        add_line(expansion, expansion->network_type, &address);
    } else {
        expansion->ok = false;
        findings_add(check->findings, &FINDING_HBA_ADDRESS_INVALID, pos, NULL,
                     "%s \"%s\" is not an IP address", what, text);
    }
}

static void
add_hosts(Expansion *expansion, const List *hosts, const char *what)
{
    LIST_FOREACH (const char, host, hosts)
        add_host(expansion, expansion->decl->addr.pos, host, what);
}

static void
add_admin(Expansion *expansion)
{
    const Instance *instance = expansion->instance;

    if (instance->admin_ip != NULL) {
        add_host(expansion, instance->admin_ip_pos, instance->admin_ip, "admin_ip");
        return;
    }
    expansion->ok = false;
    findings_add(expansion->check->findings, &FINDING_HBA_ADMIN_IP_MISSING,
                 expansion->decl->addr.pos, "set admin_ip in the vars of all",
                 "address \"admin\" needs admin_ip, which is not set");
}

/*
 * Digits, a colon or a slash mean that somebody tried to write a network, so its own problem is
 * reported instead of an unknown alias.
 */
static void
add_itself(Expansion *expansion, const char *text)
{
    const HbaCheck *check = expansion->check;
    SourcePos pos = expansion->decl->addr.pos;
    const char *nearest = suggest_nearest(text, address_words);
    HbaAddress address;

    if (strcmp(text, "samehost") == 0 || strcmp(text, "samenet") == 0 || is_host_name(text)) {
        add_known_address(expansion, expansion->network_type, text);
    } else if (g_ascii_isdigit(text[0]) || strchr(text, ':') != NULL || strchr(text, '/') != NULL) {
        (void)hba_address_parse(check->arena, text, false, NULL, &address);
        add_network(expansion, pos, text, "address");
    } else {
        expansion->ok = false;
        findings_add(check->findings, &FINDING_HBA_ADDRESS_UNKNOWN, pos,
                     nearest != NULL
                         ? arena_printf(check->arena, "did you mean \"%s\"?", nearest)
                         : "write an alias (local, localhost, admin, infra, cluster, intra, "
                           "world), an address with its mask, samehost, samenet, or a host name "
                           "with a dot",
                     "address \"%s\" is not an alias, IP address or host name", text);
    }
}

/*
 * The network lines of localhost are `host` whatever auth says, as Pigsty writes them. World is two
 * networks instead of `all`, which PgBouncer's parse_addr() cannot read.
 */
static void
add_lines(Expansion *expansion)
{
    const char *word = expansion->decl->addr.text;
    HbaType type = expansion->network_type;

    switch (address_meaning(word)) {
    case HBA_STANDS_FOR_SOCKET:
        add_line(expansion, HBA_TYPE_LOCAL, NULL);
        break;
    case HBA_STANDS_FOR_LOCALHOST:
        add_line(expansion, HBA_TYPE_LOCAL, NULL);
        add_known_address(expansion, HBA_TYPE_HOST, "127.0.0.1/32");
        add_known_address(expansion, HBA_TYPE_HOST, "::1/128");
        break;
    case HBA_STANDS_FOR_ADMIN:
        add_admin(expansion);
        break;
    case HBA_STANDS_FOR_INFRA:
        add_hosts(expansion, &expansion->instance->infra_addresses, "infra host");
        break;
    case HBA_STANDS_FOR_CLUSTER:
        add_hosts(expansion, &expansion->instance->cluster_addresses, "cluster member");
        break;
    case HBA_STANDS_FOR_INTRANET:
        LIST_FOREACH (const HbaText, network, &expansion->instance->intranet)
            add_network(expansion, network->pos, network->text, "node_firewall_intranet item");
        break;
    case HBA_STANDS_FOR_WORLD:
        add_known_address(expansion, type, "0.0.0.0/0");
        add_known_address(expansion, type, "::/0");
        break;
    case HBA_STANDS_FOR_ITSELF:
        add_itself(expansion, word);
        break;
    }
}

/* Which kinds of line the address gives, to judge the method once and not for each line. */
static unsigned
line_types(const Expansion *expansion)
{
    switch (address_meaning(expansion->decl->addr.text)) {
    case HBA_STANDS_FOR_SOCKET:
        return 1u << HBA_TYPE_LOCAL;
    case HBA_STANDS_FOR_LOCALHOST:
        return 1u << HBA_TYPE_LOCAL | 1u << HBA_TYPE_HOST;
    default:
        return 1u << expansion->network_type;
    }
}

/* hba_check_rule() would report the same mismatch for each line of the rule. */
static bool
check_method_and_address(const Expansion *expansion, bool needs_tls)
{
    const HbaCheck *check = expansion->check;
    const HbaRuleDecl *decl = expansion->decl;
    const HbaMethodInfo *method = &hba_methods[expansion->common.method];
    unsigned types = line_types(expansion);
    const char *auth = decl->auth.given ? decl->auth.text : "pwd";

    if ((types & ~method->types) != 0) {
        findings_add(
            check->findings, &FINDING_HBA_METHOD_TYPE,
            decl->auth.given ? decl->auth.pos : decl->addr.pos,
            hba_check_hint(check,
                           expansion->common.method == HBA_METHOD_PEER
                               ? "peer works over the local socket only: write addr: local"
                               : "certificates need TLS over a network: write intra or world",
                           method->complaint),
            "auth \"%s\" does not go with address \"%s\"", auth, decl->addr.text);
        return false;
    }
    if (needs_tls && (types & 1u << HBA_TYPE_LOCAL) != 0)
        findings_add(check->findings, &FINDING_HBA_TLS_NOT_REQUIRED, decl->auth.pos,
                     "the lines of local connections are written without it, as Pigsty does",
                     "auth \"%s\" does not demand TLS with address \"%s\"", auth, decl->addr.text);
    return true;
}

/* pwd and ssl have no method of their own in the table (HBA_METHOD_COUNT): pg_pwd_enc decides. */
static bool
read_auth(Expansion *expansion)
{
    const HbaCheck *check = expansion->check;
    const HbaField *field = &expansion->decl->auth;
    const char *text = field->given ? field->text : "";
    size_t index = hba_word_index(auth_words, text);
    const char *nearest = NULL;

    if (auth_words[index] != NULL) {
        HbaMethod method = auth_aliases[index].method[check->program];

        expansion->network_type = auth_aliases[index].type;
        expansion->common.method = method != HBA_METHOD_COUNT ? method
                                   : expansion->instance->password_is_md5
                                       ? HBA_METHOD_MD5
                                       : HBA_METHOD_SCRAM_SHA_256;
        return check_method_and_address(expansion, expansion->network_type == HBA_TYPE_HOSTSSL &&
                                                       expansion->common.method != HBA_METHOD_CERT);
    }
    if (hba_method_words[hba_word_index(hba_method_words, text)] != NULL) {
        findings_add(check->findings, &FINDING_HBA_AUTH_NEEDS_RAW, field->pos,
                     arena_printf(check->arena,
                                  "write a raw rule: rules: [\"host all all 10.0.0.0/8 %s ...\"]",
                                  text),
                     "auth \"%s\" can only be written as a raw line", text);
        return false;
    }
    nearest = suggest_nearest(text, auth_words + 1);
    findings_add(check->findings, &FINDING_HBA_AUTH_UNKNOWN, field->pos,
                 nearest != NULL ? arena_printf(check->arena, "did you mean \"%s\"?", nearest)
                                 : "write pwd, ssl, sha, ssl-sha, md5, ssl-md5, cert, os, peer, "
                                   "trust or deny",
                 "auth \"%s\" is not an authentication method", text);
    return false;
}

bool
hba_alias_expand(const HbaCheck *check, const Instance *instance, const HbaRuleDecl *decl,
                 HbaGroup *group)
{
    Expansion expansion = { .check = check,
                            .instance = instance,
                            .decl = decl,
                            .group = group,
                            .common = { .pos = decl->pos },
                            .network_type = HBA_TYPE_HOST,
                            .ok = true };
    bool ok = hba_alias_check_text(check, &decl->addr, "addr");

    /* Every part is read even after an error, so that one run reports all of them. */
    ok = hba_alias_check_text(check, &decl->auth, "auth") && ok;
    ok = hba_alias_read_field(check, instance, &decl->db, HBA_FIELD_DATABASE,
                              &expansion.common.databases) &&
         ok;
    ok = hba_alias_read_field(check, instance, &decl->user, HBA_FIELD_USER,
                              &expansion.common.users) &&
         ok;
    if (decl->addr.text == NULL || (decl->auth.given && decl->auth.text == NULL) ||
        !read_auth(&expansion))
        return false;
    expansion.common.database_pos = decl->db.given ? decl->db.pos : decl->pos;
    expansion.common.user_pos = decl->user.given ? decl->user.pos : decl->pos;
    expansion.common.address_pos = decl->addr.pos;
    add_lines(&expansion);
    return ok && expansion.ok;
}
