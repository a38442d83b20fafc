/* A diff in words, for people and for programs. */
#pragma once

#include "base/json_writer.h"
#include "hba/analyse/diff.h"

/*
 * Each entry (HbaDiffEntry) as a line: "- refused host  database all  user bob  from 10.0.0.0/8: no
 * rule, was md5 (old.conf:2)". Names come from files: escape the lines for a terminal.
 */
List hba_diff_lines(Arena *arena, const Names *names, const List *entries);
/* The same as the array "changes" of an object. */
void hba_diff_write_json(JsonWriter *json, Arena *arena, const Names *names, const List *entries);
