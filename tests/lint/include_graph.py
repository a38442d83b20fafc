#!/usr/bin/python3
"""Prints which rooms of the tree include which, from the sources: ./dev graph [FOLDER]."""
import collections
import sys

import tree


def graph():
    """room -> room -> how many includes."""
    edges = collections.defaultdict(collections.Counter)
    for path in tree.sources(".c", ".h", ".def"):
        edges[str(path.parent)].update({})
        for _, kind, name in tree.includes(path):
            target = name.rpartition("/")[0]
            if kind == '"' and target and target != str(path.parent):
                edges[str(path.parent)][target] += 1
    return edges


def main():
    only = sys.argv[1].rstrip("/") if len(sys.argv) > 1 else ""
    edges = graph()
    for room in sorted(edges):
        if only and room != only and not room.startswith(only + "/"):
            continue
        print(room)
        for target, count in sorted(edges[room].items()):
            print(f"  -> {target} ({count})")


if __name__ == "__main__":
    main()
