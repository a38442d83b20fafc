/*
 * Tree: Ansible's groups and hosts, gathered from all files of an inventory. A group or host may be
 * mentioned in several places; its variables are then those of all mentions, the later winning.
 */
#pragma once

#include <glib.h>

#include "base/arena.h"
#include "base/list.h"
#include "inventory/vault/vault_passwords.h"
#include "inventory/yaml/node.h"

/* Variables of one group or host: mappings in file order, of which the last wins. */
typedef struct Scope {
    List inline_vars; /* const Node */
    List file_vars;   /* const Node: from group_vars or host_vars; they win over inline_vars */
} Scope;

typedef struct Group Group;

struct Group {
    const char *name;
    SourcePos pos;
    unsigned number; /* in order of first mention */
    Scope scope;
    List parents; /* Group */
    List children;
    List hosts;     /* Host, direct */
    unsigned depth; /* longest way from all */
    int64_t priority;

    enum {
        GROUP_UNVISITED,
        GROUP_OPEN,
        GROUP_DONE,
    } state;
};

/* The mappings that give a host its variables, highest precedence first. */
typedef struct VarsChain {
    List file_vars;   /* const Node: of group_vars/ */
    List inline_vars; /* const Node: of groups */
} VarsChain;

typedef struct Host {
    const char *name;
    SourcePos pos;
    Scope scope;
    List groups;            /* Group, direct */
    const VarsChain *chain; /* of its groups, set by tree_finish */
} Host;

typedef struct Tree {
    Arena *arena;
    Findings *findings;
    GHashTable *groups_by_name; /* Group */
    GHashTable *hosts_by_name;  /* Host */
    List groups;
    List hosts;
    List top_level;            /* const Node: every mapping of variables, for checks of keys */
    VaultPasswords *passwords; /* for encrypted files */
    List *digests;             /* FileDigest: filled where it is not NULL */
    /* A file could not be opened or is in another format: what is missing may be in it. */
    bool is_incomplete;
    bool too_deep; /* groups nest beyond GROUP_DEPTH_MAX, an error; hosts then have no chain */
} Tree;

#define GROUP_DEPTH_MAX ((unsigned)256)

Tree *tree_new(Arena *arena, Findings *findings);
void tree_free(Tree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Tree, tree_free)

/* Adds what one inventory file says. */
void tree_add_document(Tree *tree, const Node *document);
/* Adds the variables of a group_vars or host_vars file. */
void tree_add_vars(Tree *tree, Scope *scope, const Node *document);
/* Works out depths and precedence; afterwards the tree is const. */
void tree_finish(Tree *tree);
/* Host names in a group and its children, each once, sorted as text: const char. */
List tree_group_members(const Tree *tree, const char *group);
