/* Sorting declarations. */
#include "hba/expand/order.h"

#include <string.h>

#include "hba/findings.h"
#include "hba/syntax/rule.h"

typedef struct Entry {
    List decls; /* of all sections, unsorted: the key */
    size_t section_counts[HBA_SECTION_COUNT];
    bool in_sections;
    List sorted;
} Entry;

struct HbaOrderMemo {
    Arena *arena;
    GHashTable *entries; /* Entry -> itself */
    GPtrArray *scratch;  /* the declarations of the list being looked up */
    const Entry *last;   /* neighbours mostly have the very same lists */
};

/* The low bits of pointers to objects are equal by alignment, so they are shifted away. */
static guint
hash_entry(gconstpointer pointer)
{
    const Entry *entry = pointer;
    uintptr_t hash = entry->in_sections;

    for (size_t i = 0; i < entry->decls.count; i++)
        hash = hash * 1000003 + ((uintptr_t)entry->decls.items[i] >> 4);
    return (guint)(hash ^ hash >> 32);
}

static gboolean
entries_equal(gconstpointer a, gconstpointer b)
{
    const Entry *left = a;
    const Entry *right = b;

    return left->in_sections == right->in_sections && left->decls.count == right->decls.count &&
           memcmp(left->section_counts, right->section_counts, sizeof left->section_counts) == 0 &&
           memcmp(left->decls.items, right->decls.items, left->decls.count * sizeof(void *)) == 0;
}

HbaOrderMemo *
hba_order_memo_new(Arena *arena)
{
    HbaOrderMemo *memo = g_new0(HbaOrderMemo, 1);

    memo->arena = arena;
    memo->entries = g_hash_table_new(hash_entry, entries_equal);
    memo->scratch = g_ptr_array_new();
    return memo;
}

void
hba_order_memo_free(HbaOrderMemo *memo)
{
    if (memo == NULL)
        return;
    g_hash_table_destroy(memo->entries);
    g_ptr_array_free(memo->scratch, TRUE);
    g_free(memo);
}

static int
compare_orders(const void *a, const void *b)
{
    const HbaRuleDecl *left = a;
    const HbaRuleDecl *right = b;

    if (left->order_kind == HBA_ORDER_TEXT && right->order_kind == HBA_ORDER_TEXT) {
        /* Lower case by Unicode, then by code point, as Ansible's sort does. */
        g_autofree char *left_text = g_utf8_strdown(left->order_text, -1);
        g_autofree char *right_text = g_utf8_strdown(right->order_text, -1);

        return strcmp(left_text, right_text);
    }
    return (left->order_number > right->order_number) - (left->order_number < right->order_number);
}

/*
 * Pigsty sorts with Python, which stops at numbers beside texts and at null; refusing them keeps
 * both programs in agreement.
 */
static void
check_orders(Findings *findings, const List *ordered)
{
    const HbaRuleDecl *first = NULL;

    LIST_FOREACH (const HbaRuleDecl, decl, ordered) {
        if (decl->order_kind == HBA_ORDER_NULL) {
            findings_add(findings, &FINDING_HBA_ORDER_NULL, decl->order_pos,
                         "omit it to place the rule after all that have one",
                         "order is null, which cannot be sorted");
            continue;
        }
        if (first == NULL)
            first = decl;
        if (decl->order_kind != first->order_kind)
            findings_add(findings, &FINDING_HBA_ORDER_MIXED, decl->order_pos,
                         "write all of them as numbers", "order is a %s here and a %s at %s:%u",
                         decl->order_kind == HBA_ORDER_TEXT ? "text" : "number",
                         first->order_kind == HBA_ORDER_TEXT ? "text" : "number",
                         first->order_pos.file, first->order_pos.line);
    }
}

/* list_sort() is stable, so that rules with the same `order` keep the order of the inventory. */
static void
append_sorted(HbaOrderMemo *memo, Findings *findings, const List *decls, List *sorted)
{
    List ordered = { 0 };

    LIST_FOREACH (const HbaRuleDecl, decl, decls) {
        if (decl->order_kind != HBA_ORDER_NONE)
            list_add(memo->arena, &ordered, decl);
    }
    check_orders(findings, &ordered);
    list_sort(&ordered, compare_orders);
    LIST_FOREACH (const HbaRuleDecl, decl, &ordered)
        list_add(memo->arena, sorted, decl);
    LIST_FOREACH (const HbaRuleDecl, decl, decls) {
        if (decl->order_kind == HBA_ORDER_NONE)
            list_add(memo->arena, sorted, decl);
    }
}

/*
 * A role that does not exist is reported by the expansion; here it only must not read past the
 * table.
 */
static bool
is_for_everyone(const HbaRuleDecl *decl)
{
    const char *role = decl->role.value;
    size_t index = role == NULL || *role == '\0' ? HBA_RULE_ROLE_DEFAULT
                                                 : hba_word_index(hba_rule_role_words, role);

    return index < HBA_RULE_ROLE_COUNT && hba_rule_roles[index].everywhere;
}

static void
sort_sections(HbaOrderMemo *memo, Findings *findings, const HbaRuleLists *lists, List *sorted)
{
    List common = { 0 };
    List role = { 0 };

    LIST_FOREACH (const HbaRuleDecl, decl, &lists->sections[HBA_SECTION_RULES])
        list_add(memo->arena, is_for_everyone(decl) ? &common : &role, decl);
    append_sorted(memo, findings, &lists->sections[HBA_SECTION_DEFAULT], sorted);
    append_sorted(memo, findings, &common, sorted);
    append_sorted(memo, findings, &role, sorted);
    append_sorted(memo, findings, &lists->sections[HBA_SECTION_EXTRA], sorted);
}

/* Compares without building a key, since consecutive instances mostly have the same lists. */
static bool
is_entry_of(const Entry *entry, const HbaRuleLists *lists, bool in_sections)
{
    void **items = NULL;

    if (entry == NULL || entry->in_sections != in_sections)
        return false;
    items = entry->decls.items;
    for (size_t i = 0; i < HBA_SECTION_COUNT; i++) {
        const List *section = &lists->sections[i];

        if (section->count != entry->section_counts[i] ||
            (section->count > 0 &&
             memcmp(section->items, items, section->count * sizeof(void *)) != 0))
            return false;
        items += section->count;
    }
    return true;
}

const List *
hba_order(HbaOrderMemo *memo, Findings *findings, const HbaRuleLists *lists, bool in_sections)
{
    Entry key = { .in_sections = in_sections };
    Entry *entry = NULL;

    if (is_entry_of(memo->last, lists, in_sections))
        return &memo->last->sorted;
    g_ptr_array_set_size(memo->scratch, 0);
    for (size_t i = 0; i < HBA_SECTION_COUNT; i++) {
        key.section_counts[i] = lists->sections[i].count;
        LIST_FOREACH (const HbaRuleDecl, decl, &lists->sections[i])
            g_ptr_array_add(memo->scratch, (gpointer)decl);
    }
    /* Never NULL, for memcmp(). */
    g_ptr_array_add(memo->scratch, NULL);
    key.decls = (List){ .items = memo->scratch->pdata, .count = memo->scratch->len - 1 };
    entry = g_hash_table_lookup(memo->entries, &key);
    memo->last = entry;
    if (entry != NULL)
        return &entry->sorted;
    entry = ARENA_NEW(memo->arena, Entry);
    *entry = key;
    entry->decls.items = ARENA_NEW_ARRAY(memo->arena, void *, key.decls.count + 1);
    memcpy(entry->decls.items, key.decls.items, key.decls.count * sizeof(void *));
    if (in_sections)
        sort_sections(memo, findings, lists, &entry->sorted);
    else
        append_sorted(memo, findings, &entry->decls, &entry->sorted);
    g_hash_table_add(memo->entries, entry);
    memo->last = entry;
    return &entry->sorted;
}
