/* From bytes to nodes: places, limits, aliases, and files that cannot be followed. */
#include "inventory/yaml/node.h"
#include "inventory/yaml/yaml_reader.h"
#include "tests/unit/inventory/fixture.h"

static const Node *
read_yaml(Fixture *fixture, const char *yaml)
{
    return yaml_read_bytes(fixture->arena, (SourcePos){ .file = "a.yml" }, yaml, strlen(yaml),
                           fixture->findings);
}

static void
assert_refused(Fixture *fixture, const char *yaml, const char *expected)
{
    g_assert_null(read_yaml(fixture, yaml));
    g_assert_cmpstr(said(fixture), ==, expected);
}

static void
places_count_lines_and_characters_from_one(Fixture *fixture, const void *data)
{
    const Node *root = read_yaml(fixture, "é: 1\nb:\n  - ü: \"x\"\n");
    const Node *item = node_get(root, "b")->items[0];

    (void)data;
    g_assert_cmpuint(node_get(root, "é")->pos.column, ==, 4);
    g_assert_cmpuint(node_get(item, "ü")->pos.line, ==, 3);
    g_assert_cmpuint(node_get(item, "ü")->pos.column, ==, 8);
    g_assert_cmpuint(node_pos_inside(node_get(item, "ü"), 0).column, ==, 9);
}

static void
a_place_inside_a_folded_text_is_the_text_itself(Fixture *fixture, const void *data)
{
    const Node *root = read_yaml(fixture, "a: >\n  one\n  two\n");

    (void)data;
    g_assert_cmpstr(node_get(root, "a")->text, ==, "one two\n");
    g_assert_cmpuint(node_pos_inside(node_get(root, "a"), 5).column, ==, 4);
}

static void
quoted_words_are_texts(Fixture *fixture, const void *data)
{
    const Node *root = read_yaml(fixture, "{a: 'yes', b: \"7\", c: !!str 7, d: yes, e: !unsafe 7}");

    (void)data;
    g_assert_cmpint(node_get(root, "a")->type, ==, SCALAR_TEXT);
    g_assert_cmpint(node_get(root, "b")->type, ==, SCALAR_TEXT);
    g_assert_cmpint(node_get(root, "c")->type, ==, SCALAR_TEXT);
    g_assert_cmpint(node_get(root, "d")->type, ==, SCALAR_BOOL);
    g_assert_cmpint(node_get(root, "e")->type, ==, SCALAR_TEXT);
}

static void
aliases_share_their_node(Fixture *fixture, const void *data)
{
    const Node *root = read_yaml(fixture, "a: &x [1]\nb: *x\n");

    (void)data;
    g_assert_true(node_get(root, "a") == node_get(root, "b"));
}

static void
merge_keys_fill_in_what_is_not_there(Fixture *fixture, const void *data)
{
    const Node *root = read_yaml(fixture, "a: &a {x: 1, y: 1}\nb: &b {x: 2, z: 2}\n"
                                          "c: {<<: [*a, *b], y: 3}\n");
    const Node *merged = node_get(root, "c");

    (void)data;
    g_assert_cmpuint(merged->count, ==, 3);
    g_assert_cmpstr(node_get(merged, "x")->text, ==, "1");
    g_assert_cmpstr(node_get(merged, "y")->text, ==, "3");
    g_assert_cmpstr(node_get(merged, "z")->text, ==, "2");
}

static void
a_merge_key_takes_mappings_only(Fixture *fixture, const void *data)
{
    (void)data;
    read_yaml(fixture, "{<<: 1}");
    g_assert_cmpstr(said(fixture), ==,
                    "a.yml:1:6: error: << takes a mapping or a list of mappings, found a number "
                    "[merge-key-invalid]\n");
}

static void
large_mappings_find_every_key(Fixture *fixture, const void *data)
{
    g_autoptr(GString) yaml = g_string_new(NULL);
    const Node *root = NULL;

    (void)data;
    for (int i = 0; i < 500; i++)
        g_string_append_printf(yaml, "key%d: %d\n", i, i);
    root = read_yaml(fixture, yaml->str);
    for (int i = 0; i < 500; i++) {
        g_autofree char *key = g_strdup_printf("key%d", i);

        g_assert_cmpint(node_get(root, key)->value.integer, ==, i);
    }
    g_assert_null(node_get(root, "key500"));
}

static void
of_a_duplicate_key_the_last_value_counts_and_both_places_are_told(Fixture *fixture,
                                                                  const void *data)
{
    const Node *root = read_yaml(fixture, "a: 1\nb: 2\na: 3\n");

    (void)data;
    node_report_duplicates(root,
                           (const FindingKind *)&(FindingKind){ "dup", FINDING_COLUMN_ERROR, "" },
                           fixture->findings);
    g_assert_cmpstr(node_get(root, "a")->text, ==, "3");
    g_assert_cmpstr(said(fixture), ==,
                    "a.yml:3:1: error: key \"a\" is given twice, first at a.yml:1:1 [dup]\n");
}

static void
a_list_cannot_be_a_key(Fixture *fixture, const void *data)
{
    (void)data;
    read_yaml(fixture, "? [a]\n: 1\n");
    g_assert_cmpstr(said(fixture), ==, "a.yml:1:3: error: a list cannot be a key [key-invalid]\n");
}

static void
a_node_that_contains_itself_is_refused(Fixture *fixture, const void *data)
{
    (void)data;
    assert_refused(fixture, "&a [1, *a]",
                   "a.yml:1:8: error: the node with the anchor \"a\" contains itself "
                   "[alias-cycle]\n");
}

static void
an_alias_needs_its_anchor(Fixture *fixture, const void *data)
{
    (void)data;
    assert_refused(fixture, "a: *x\n",
                   "a.yml:1:4: error: alias \"x\" has no anchor [alias-unknown]\n");
}

static void
a_hundred_thousand_levels_are_refused_at_sixty_five(Fixture *fixture, const void *data)
{
    g_autofree char *yaml = g_strnfill(100000, '[');

    (void)data;
    assert_refused(fixture, yaml,
                   "a.yml:1:65: error: nested deeper than 64 levels [yaml-too-deep]\n");
}

static void
aliases_of_aliases_end_at_a_million(Fixture *fixture, const void *data)
{
    g_autoptr(GString) yaml = g_string_new("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");

    (void)data;
    for (int i = 1; i < 20; i++) {
        g_string_append_printf(yaml, "a%d: &a%d [", i, i);
        for (int j = 0; j < 10; j++)
            g_string_append_printf(yaml, "%s*a%d", j > 0 ? ", " : "", i - 1);
        g_string_append(yaml, "]\n");
    }
    g_assert_null(read_yaml(fixture, yaml->str));
    g_assert_nonnull(strstr(said(fixture), "aliases expand to more than 1000000 nodes"));
}

static void
a_second_document_is_refused(Fixture *fixture, const void *data)
{
    (void)data;
    assert_refused(fixture, "a: 1\n---\nb: 2\n",
                   "a.yml:2:1: error: a second document begins here [document-duplicate]\n");
}

static void
markers_of_one_document_are_no_second(Fixture *fixture, const void *data)
{
    (void)data;
    g_assert_nonnull(read_yaml(fixture, "---\na: 1\n...\n"));
    g_assert_cmpstr(said(fixture), ==, "");
}

static void
bad_utf8_is_told_with_its_line(Fixture *fixture, const void *data)
{
    (void)data;
    assert_refused(fixture, "a: 1\nb: \xc3\xa9\xff\n",
                   "a.yml:2:5: error: invalid leading UTF-8 octet [yaml-invalid]\n");
}

static void
a_nul_byte_is_told_with_its_line(Fixture *fixture, const void *data)
{
    static const char yaml[] = "a: 1\nb: x\0y\n";

    (void)data;
    g_assert_null(yaml_read_bytes(fixture->arena, (SourcePos){ .file = "a.yml" }, yaml,
                                  sizeof yaml - 1, fixture->findings));
    g_assert_cmpstr(said(fixture), ==,
                    "a.yml:2:5: error: control characters are not allowed [yaml-invalid]\n");
}

static void
a_byte_order_mark_is_no_part_of_the_text(Fixture *fixture, const void *data)
{
    const Node *root = read_yaml(fixture, "\xef\xbb\xbf"
                                          "a: 1\n");

    (void)data;
    g_assert_nonnull(node_get(root, "a"));
}

static void
a_tab_is_refused_with_a_hint(Fixture *fixture, const void *data)
{
    (void)data;
    assert_refused(fixture, "a:\n\tb: 1\n",
                   "a.yml:2:1: error: found character that cannot start any token "
                   "[yaml-invalid]\n");
}

static void
an_unclosed_bracket_names_where_it_began(Fixture *fixture, const void *data)
{
    (void)data;
    assert_refused(fixture, "a: [1,\nb: 2\nc: 3\n",
                   "a.yml:3:2: error: did not find expected ',' or ']', while parsing a flow "
                   "sequence that began at line 1 [yaml-invalid]\n");
}

static void
an_empty_file_is_null(Fixture *fixture, const void *data)
{
    (void)data;
    g_assert_true(node_is_null(read_yaml(fixture, "# nothing\n")));
}

static void
equal_nodes_are_equal_whatever_the_order_of_keys(Fixture *fixture, const void *data)
{
    const Node *root =
        read_yaml(fixture, "[{a: 1, b: [x]}, {b: ['x'], a: 0x1}, {a: 1}, {a: '1', b: [x]}]");

    (void)data;
    g_assert_true(node_equal(root->items[0], root->items[1]));
    g_assert_false(node_equal(root->items[0], root->items[2]));
    g_assert_false(node_equal(root->items[0], root->items[3]));
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    TEST("/yaml-reader/places-count-from-one", places_count_lines_and_characters_from_one);
    TEST("/yaml-reader/place-in-folded-text", a_place_inside_a_folded_text_is_the_text_itself);
    TEST("/yaml-reader/quoted-words-are-texts", quoted_words_are_texts);
    TEST("/yaml-reader/aliases-share-their-node", aliases_share_their_node);
    TEST("/yaml-reader/merge-keys", merge_keys_fill_in_what_is_not_there);
    TEST("/yaml-reader/merge-key-takes-mappings", a_merge_key_takes_mappings_only);
    TEST("/yaml-reader/large-mappings", large_mappings_find_every_key);
    TEST("/yaml-reader/duplicate-key",
         of_a_duplicate_key_the_last_value_counts_and_both_places_are_told);
    TEST("/yaml-reader/list-as-key", a_list_cannot_be_a_key);
    TEST("/yaml-reader/contains-itself", a_node_that_contains_itself_is_refused);
    TEST("/yaml-reader/alias-without-anchor", an_alias_needs_its_anchor);
    TEST("/yaml-reader/nesting", a_hundred_thousand_levels_are_refused_at_sixty_five);
    TEST("/yaml-reader/alias-bomb", aliases_of_aliases_end_at_a_million);
    TEST("/yaml-reader/second-document", a_second_document_is_refused);
    TEST("/yaml-reader/markers", markers_of_one_document_are_no_second);
    TEST("/yaml-reader/bad-utf8", bad_utf8_is_told_with_its_line);
    TEST("/yaml-reader/nul", a_nul_byte_is_told_with_its_line);
    TEST("/yaml-reader/byte-order-mark", a_byte_order_mark_is_no_part_of_the_text);
    TEST("/yaml-reader/tab", a_tab_is_refused_with_a_hint);
    TEST("/yaml-reader/unclosed-bracket", an_unclosed_bracket_names_where_it_began);
    TEST("/yaml-reader/empty", an_empty_file_is_null);
    TEST("/yaml-reader/equal", equal_nodes_are_equal_whatever_the_order_of_keys);
    return g_test_run();
}
