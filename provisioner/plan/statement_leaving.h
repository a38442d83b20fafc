/* The SQL of changes about what leaves: markers, drops, and what prune.h has written already. */
#pragma once

#include "base/arena.h"
#include "base/list.h"
#include "base/names.h"
#include "roles/change/change.h"

List statement_render_leaving(Arena *arena, const Names *names, const Change *change);
