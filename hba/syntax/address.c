/* Reading addresses the way PostgreSQL does. */
#include "hba/syntax/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

typedef struct Ip {
    bool is_v6;
    bool is_plain; /* inet_pton reads it too */
    uint8_t bytes[HBA_ADDRESS_BYTES];
} Ip;

/*
 * An IPv4 address fills the first four bytes of HbaAddress, in network order as inet_pton() writes
 * it; the others stay zero, which hba_address_equal() relies on.
 */
static size_t
family_bytes(bool is_v6)
{
    return is_v6 ? 16 : 4;
}

/*
 * inet_aton()'s short and octal forms, which getaddrinfo() inherits. parse_hba_line() reads
 * addresses with getaddrinfo() and AI_NUMERICHOST, so the server accepts "10.1" and "010.0.0.1";
 * refusing them here would refuse a file that the server takes. Asking the same function gives the
 * same answer without a second parser.
 */
static bool
read_odd_v4(const char *text, Ip *ret_ip)
{
    const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST, .ai_family = AF_INET };
    struct addrinfo *found = NULL;
    struct sockaddr_in socket_address;

    if (getaddrinfo(text, NULL, &hints, &found) != 0)
        return false;
    memcpy(&socket_address, found->ai_addr, sizeof socket_address);
    memcpy(ret_ip->bytes, &socket_address.sin_addr, 4);
    freeaddrinfo(found);
    return true;
}

/*
 * getaddrinfo() takes the names of interfaces for link-local addresses only, and numbers for all.
 * Whether an interface of that name exists is not asked: this machine need not be the server.
 */
static bool
is_zone_of(const uint8_t *address, const char *zone)
{
    bool is_number = *zone != '\0' && strspn(zone, "0123456789") == strlen(zone);
    bool is_link_local = (address[0] == 0xfe && (address[1] & 0xc0) == 0x80) ||
                         (address[0] == 0xff && (address[1] & 0x0f) == 0x02);

    return is_number || (is_link_local && *zone != '\0');
}

/*
 * The strict forms come first: only what inet_pton() reads is plain, and that is all that
 * PgBouncer's parse_addr() accepts. The forms of inet_aton() all begin with a digit, so any other
 * text is a host name.
 */
static bool
read_ip(const char *text, Ip *ret_ip)
{
    const char *zone = strchr(text, '%');

    *ret_ip = (Ip){ .is_plain = true };
    if (inet_pton(AF_INET, text, ret_ip->bytes) == 1)
        return true;
    ret_ip->is_v6 = true;
    if (inet_pton(AF_INET6, text, ret_ip->bytes) == 1)
        return true;
    ret_ip->is_plain = false;
    if (zone != NULL && strchr(text, ':') != NULL) {
        /* The server compares addresses without their zone. */
        g_autofree char *without_zone = g_strndup(text, (size_t)(zone - text));

        return inet_pton(AF_INET6, without_zone, ret_ip->bytes) == 1 &&
               is_zone_of(ret_ip->bytes, zone + 1);
    }
    ret_ip->is_v6 = false;
    return g_ascii_isdigit(text[0]) && read_odd_v4(text, ret_ip);
}

/*
 * pg_sockaddr_cidr_mask(): strtol, so "+8" and "08" are 8. Such a spelling is accepted but is not
 * plain, so that the check can suggest the usual one.
 */
static bool
read_prefix(const char *text, bool is_v6, HbaAddress *address)
{
    char *end = NULL;
    long bits = 0;

    errno = 0;
    bits = strtol(text, &end, 10);
    if (*text == '\0' || *end != '\0' || errno != 0 || bits < 0 || bits > (is_v6 ? 128 : 32))
        return false;
    address->bits = (int)bits;
    for (size_t i = 0; i < family_bytes(is_v6); i++, bits -= 8)
        address->mask[i] = (uint8_t)(bits >= 8 ? 0xff : bits <= 0 ? 0 : 0xff << (8 - bits));
    address->is_plain = address->is_plain && g_ascii_isdigit(*text) &&
                        (text[0] != '0' || text[1] == '\0') &&
                        strspn(text, "0123456789") == strlen(text);
    return true;
}

/*
 * A netmask in a field of its own may be any pattern of bits: parse_hba_line() only compares its
 * family with that of the address. A mask with holes counts as -1, since it has neither CIDR
 * notation nor one contiguous range.
 */
static int
count_prefix(const HbaAddress *address)
{
    size_t bytes = family_bytes(address->is_v6);
    int bits = 0;
    bool ended = false;

    for (size_t i = 0; i < bytes * 8; i++) {
        bool set = (address->mask[i / 8] & (0x80 >> (i % 8))) != 0;

        if (set && ended)
            return -1;
        ended = ended || !set;
        bits += set;
    }
    return bits;
}

/*
 * The server reads the mask with the same call as the address, so odd spellings are legal here too.
 */
static HbaAddressProblem
read_mask(const char *mask_text, HbaAddress *address)
{
    Ip mask;

    if (!read_ip(mask_text, &mask))
        return HBA_ADDRESS_BAD_MASK;
    if (mask.is_v6 != address->is_v6)
        return HBA_ADDRESS_OTHER_FAMILY;
    memcpy(address->mask, mask.bytes, sizeof address->mask);
    address->is_plain = address->is_plain && mask.is_plain;
    address->bits = count_prefix(address);
    return HBA_ADDRESS_FINE;
}

/* token_is_keyword() of hba.c uses strcmp(): ALL in capitals is a host name. */
static HbaAddressKind
keyword_kind(const char *text)
{
    static const struct {
        const char *word;
        HbaAddressKind kind;
    } keywords[] = {
        { "all", HBA_ADDRESS_ALL },
        { "samehost", HBA_ADDRESS_SAMEHOST },
        { "samenet", HBA_ADDRESS_SAMENET },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(keywords); i++) {
        if (strcmp(keywords[i].word, text) == 0)
            return keywords[i].kind;
    }
    return HBA_ADDRESS_NONE;
}

/*
 * In the order of parse_hba_line(): keywords, then the text before a slash as a number, and a host
 * name only when that fails. *ret_address is filled even on failure, because messages quote the
 * text of a bad address.
 */
HbaAddressProblem
hba_address_parse(Arena *arena, const char *text, bool quoted, const char *mask_text,
                  HbaAddress *ret_address)
{
    const char *slash = strchr(text, '/');
    g_autofree char *number =
        slash == NULL ? g_strdup(text) : g_strndup(text, (size_t)(slash - text));
    HbaAddress address = { .text = arena_strdup(arena, text) };
    Ip ip;

    if (mask_text != NULL)
        address.mask_text = arena_strdup(arena, mask_text);
    *ret_address = address;
    address.kind = quoted ? HBA_ADDRESS_NONE : keyword_kind(text);
    if (address.kind == HBA_ADDRESS_NONE && !read_ip(number, &ip)) {
        if (slash != NULL)
            return HBA_ADDRESS_NAME_WITH_PREFIX;
        address.kind = HBA_ADDRESS_HOST_NAME;
    }
    if (address.kind != HBA_ADDRESS_NONE) {
        *ret_address = address;
        return mask_text == NULL ? HBA_ADDRESS_FINE : HBA_ADDRESS_NEEDLESS_MASK;
    }
    address.kind = HBA_ADDRESS_NETWORK;
    address.is_v6 = ip.is_v6;
    address.is_plain = ip.is_plain;
    memcpy(address.address, ip.bytes, sizeof address.address);
    if (slash != NULL && mask_text != NULL)
        return HBA_ADDRESS_NEEDLESS_MASK;
    if (slash != NULL && !read_prefix(slash + 1, ip.is_v6, &address))
        return HBA_ADDRESS_BAD_PREFIX;
    if (slash == NULL) {
        HbaAddressProblem problem =
            mask_text == NULL ? HBA_ADDRESS_NO_MASK : read_mask(mask_text, &address);

        *ret_address = address;
        return problem;
    }
    *ret_address = address;
    return HBA_ADDRESS_FINE;
}

/*
 * PostgreSQL masks both sides of the comparison (ifaddr.c), so host bits are harmless there.
 * PgBouncer's match_inet4() masks the client's address only, and a rule with host bits never
 * matches.
 */
bool
hba_address_has_host_bits(const HbaAddress *address)
{
    if (address->kind != HBA_ADDRESS_NETWORK)
        return false;
    for (size_t i = 0; i < family_bytes(address->is_v6); i++) {
        if ((address->address[i] & ~address->mask[i]) != 0)
            return true;
    }
    return false;
}

/* A mask with holes has no CIDR notation, so it stays a second field, which both programs read. */
const char *
hba_address_network(Arena *arena, const HbaAddress *address)
{
    uint8_t network[HBA_ADDRESS_BYTES];
    char text[INET6_ADDRSTRLEN] = "";
    char mask[INET6_ADDRSTRLEN] = "";
    int family = address->is_v6 ? AF_INET6 : AF_INET;

    for (size_t i = 0; i < HBA_ADDRESS_BYTES; i++)
        network[i] = address->address[i] & address->mask[i];
    inet_ntop(family, network, text, sizeof text);
    if (address->bits >= 0)
        return arena_printf(arena, "%s/%d", text, address->bits);
    inet_ntop(family, address->mask, mask, sizeof mask);
    return arena_printf(arena, "%s %s", text, mask);
}

const char *
hba_address_host(Arena *arena, const HbaAddress *address)
{
    char text[INET6_ADDRSTRLEN] = "";

    inet_ntop(address->is_v6 ? AF_INET6 : AF_INET, address->address, text, sizeof text);
    return arena_printf(arena, "%s/%d", text, address->is_v6 ? 128 : 32);
}

/*
 * For 10.0.0.300 getaddrinfo() answers EAI_NONAME, and parse_hba_line() then takes the text for a
 * host name without a complaint.
 */
bool
hba_address_looks_numeric(const char *text)
{
    return g_ascii_isdigit(text[0]) && strspn(text, "0123456789./") == strlen(text);
}

bool
hba_address_is_keyword(const char *text)
{
    return keyword_kind(text) != HBA_ADDRESS_NONE;
}

/*
 * By value, so that CIDR notation equals the address with its mask beside it. Host bits count: they
 * decide whether PgBouncer ever matches.
 */
bool
hba_address_equal(const HbaAddress *a, const HbaAddress *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == HBA_ADDRESS_HOST_NAME)
        return strcmp(a->text, b->text) == 0;
    return a->kind != HBA_ADDRESS_NETWORK ||
           (a->is_v6 == b->is_v6 && memcmp(a->address, b->address, sizeof a->address) == 0 &&
            memcmp(a->mask, b->mask, sizeof a->mask) == 0);
}
