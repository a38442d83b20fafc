/*
 * Node: one value of a YAML file, with the place where it stands. Scalars know the type that YAML
 * 1.1 gives them, as PyYAML (and so Ansible) reads them. Aliases share their node; a tree has no
 * loops and stands for a bounded number of values, so walking it is safe. Const once read.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/finding.h"

typedef enum NodeKind {
    NODE_SCALAR,
    NODE_SEQUENCE,
    NODE_MAPPING,
} NodeKind;

typedef enum ScalarType {
    SCALAR_TEXT,
    SCALAR_NULL,
    SCALAR_BOOL,
    SCALAR_INT,
    SCALAR_FLOAT,
    SCALAR_TIMESTAMP,
    SCALAR_TYPE_COUNT,
} ScalarType;

typedef enum NodeFlags {
    /* The scalar stands unquoted in the file. */
    NODE_PLAIN = 1 << 0,
    /* Tagged !unsafe: templates in it are literal text. */
    NODE_UNSAFE = 1 << 1,
    /* It, or a value in it, holds Jinja. */
    NODE_TEMPLATE = 1 << 2,
    /* A mapping in it has a key twice. */
    NODE_DUPLICATES = 1 << 3,
    /* The text stands in the file on one line as it is: places inside it can be computed. */
    NODE_VERBATIM = 1 << 4,
    /* An integer that int64_t does not hold; `integer` is nearest to it. */
    NODE_HUGE = 1 << 5,
    /* Decrypted, or made of what was: show and messages do not quote it. */
    NODE_SECRET = 1 << 6,
    /* Made of a variable that holds a secret by its name: used only where secrets belong. */
    NODE_OF_SECRET = 1 << 7,
} NodeFlags;

/* Where the text of a scalar comes from that is read only when it is needed (vault/sealed.h). */
typedef enum NodeSeal {
    SEAL_NONE,
    SEAL_VAULT, /* tagged !vault: `text` is what ansible-vault wrote */
    SEAL_ENV,   /* {{ lookup('env', NAME) }}: NAME is the text of items[0] */
    SEAL_FILE,  /* {{ lookup('file', PATH) }}: likewise */
    SEAL_PARTS, /* a text with such values in it: items, count of them, in order */
} NodeSeal;

/* Why a value cannot be used; reported only when somebody needs the value. */
typedef struct NodeProblem {
    const FindingKind *kind;
    const char *message;
    const char *hint;
} NodeProblem;

typedef struct Node Node;

typedef struct NodeEntry {
    const Node *key; /* a scalar; its text is the key */
    const Node *value;
    const Node *first_key; /* not NULL: the key stands here already; this value counts */
} NodeEntry;

struct Node {
    SourcePos pos;
    NodeKind kind;
    ScalarType type;
    NodeSeal seal;   /* of a scalar */
    unsigned flags;  /* NodeFlags */
    uint32_t weight; /* how many values it stands for, itself included, aliases counted each time */
    const NodeProblem *problem;
    /* scalar: as written, without the quotes; length bytes, which may hold NUL, and a NUL */
    const char *text;
    size_t length;

    union {
        int64_t integer; /* INT; BOOL as 0 or 1 */
        double number;   /* FLOAT */
    } value;

    /* sequence and mapping */
    size_t count;
    const Node **items;
    NodeEntry *entries;
    uint32_t *index; /* large mappings: open addressing over entries, 1-based */
    size_t index_mask;
};

/* NULL where the mapping has no such key, or the node is not a mapping. */
const Node *node_get(const Node *mapping, const char *key);
const NodeEntry *node_get_entry(const Node *mapping, const char *key);
bool node_is_null(const Node *node);
/* Same structure and values; the order of keys does not count. */
bool node_equal(const Node *a, const Node *b);
/* "a text", "a list", "a mapping", "a boolean", "null" ... for messages. */
const char *node_describe(const Node *node);
/* As Jinja prints the scalar: True, None, 1.1 for 1.10, 493 for 0755. */
const char *node_print(Arena *arena, const Node *scalar);
/* The place of byte `offset` of the scalar's text; the scalar's own where it is not known. */
SourcePos node_pos_inside(const Node *scalar, size_t offset);
/* A text value made by the program. */
const Node *node_new_text(Arena *arena, SourcePos pos, const char *text);
const Node *node_new_sequence(Arena *arena, SourcePos pos, const List *items);
/* Tells of the keys that stand twice in the mapping itself. */
void node_report_own_duplicates(const Node *mapping, const FindingKind *kind, Findings *findings);
/* Tells of every mapping in it that has a key twice. */
void node_report_duplicates(const Node *node, const FindingKind *kind, Findings *findings);
