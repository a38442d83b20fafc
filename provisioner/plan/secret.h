/*
 * Secrets that the inventory only refers to: {file: PATH}, {env: NAME}, {command: [...]}. They are
 * read when a plan needs them, never by validate.
 */
#pragma once

#include "base/arena.h"
#include "inventory/model/inventory.h"

/*
 * The plaintext or verifier that the reference stands for, without a line end. NULL with
 * PGCHARTER_ERROR_WORLD, whose message names the reference and never what it holds.
 */
const char *secret_read(Arena *arena, const PasswordDecl *reference, GError **error);
