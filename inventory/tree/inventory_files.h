/*
 * Which files an inventory is made of: a path is a file, or a folder whose *.yml and *.yaml count
 * in name order; beside a file and in a folder, group_vars/ and host_vars/ hold variables by the
 * name of a group or host, in files or folders of files.
 */
#pragma once

#include "inventory/tree/tree.h"

/* Reads everything into the tree; adds each file read to ret_files (const char). */
void inventory_files_read(Tree *tree, const char *const *paths, List *ret_files);
