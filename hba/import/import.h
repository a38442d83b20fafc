/*
 * From an existing HBA file to rule groups of an inventory, as YAML: comments that stand directly
 * above a block of rules are its title, blank lines and comments part the blocks.
 *
 * Law: the groups expanded for an instance of that version give the same rules in the same order.
 */
#pragma once

#include <glib.h>

#include "hba/syntax/check_context.h"

/*
 * Appends the YAML. lines are what hba_file_read_lines() gave for the check, without errors. What
 * an inventory cannot represent is an error of the check; then the text is not to be used.
 */
void hba_import_render(const HbaCheck *check, const List *lines, GString *out);
