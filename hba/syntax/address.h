/*
 * HbaAddress: where a connection may come from, as an HBA line says it. Numbers are read as
 * PostgreSQL reads them (getaddrinfo with AI_NUMERICHOST): "10.1" is 10.0.0.1 and "010.0.0.1" is
 * 8.0.0.1; whether a text is free of such surprises is `is_plain`.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

typedef enum HbaAddressKind {
    HBA_ADDRESS_NONE, /* a local line */
    HBA_ADDRESS_ALL,
    HBA_ADDRESS_SAMEHOST,
    HBA_ADDRESS_SAMENET,
    HBA_ADDRESS_NETWORK,
    HBA_ADDRESS_HOST_NAME, /* also a .suffix */
} HbaAddressKind;

#define HBA_ADDRESS_BYTES 16

typedef struct HbaAddress {
    HbaAddressKind kind;
    const char *text;      /* as written, mask and all when in CIDR notation; NULL for NONE */
    const char *mask_text; /* the mask where it stood in a field of its own, otherwise NULL */
    /* NETWORK only; IPv4 uses the first four bytes */
    bool is_v6;
    bool is_plain;
    int bits; /* -1: the mask is not a prefix */
    uint8_t address[HBA_ADDRESS_BYTES];
    uint8_t mask[HBA_ADDRESS_BYTES];
} HbaAddress;

typedef enum HbaAddressProblem {
    HBA_ADDRESS_FINE,
    HBA_ADDRESS_NO_MASK,          /* a number, neither with a slash nor with a mask_text */
    HBA_ADDRESS_BAD_PREFIX,       /* what follows the slash */
    HBA_ADDRESS_BAD_MASK,         /* mask_text is not an address */
    HBA_ADDRESS_OTHER_FAMILY,     /* mask_text is one of the other family */
    HBA_ADDRESS_NAME_WITH_PREFIX, /* a host name cannot have one */
    HBA_ADDRESS_NEEDLESS_MASK,    /* mask_text beside something complete */
} HbaAddressProblem;

/* text may be in CIDR notation; mask_text may be NULL. quoted: keywords are plain host names. */
HbaAddressProblem hba_address_parse(Arena *arena, const char *text, bool quoted,
                                    const char *mask_text, HbaAddress *ret_address);
/* Whether host bits are set, which the mask clears. */
bool hba_address_has_host_bits(const HbaAddress *address);
/* The network in CIDR notation, host bits cleared; for a mask that is not a prefix "ADDRESS MASK".
 */
const char *hba_address_network(Arena *arena, const HbaAddress *address);
/* The address alone in CIDR notation: the one host. */
const char *hba_address_host(Arena *arena, const HbaAddress *address);
/* Digits, dots and slashes only: somebody meant an IPv4 address. */
bool hba_address_looks_numeric(const char *text);
/* all, samehost, samenet */
bool hba_address_is_keyword(const char *text);
bool hba_address_equal(const HbaAddress *a, const HbaAddress *b);
