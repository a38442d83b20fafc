"""What the lint tests know about the tree: its files, their includes, code without comments."""
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ("base", "inventory", "roles", "hba", "provisioner")
LAYERS = pathlib.Path(__file__).with_name("layers.txt")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
# a comment, or a string or character literal (kept, so that a "//" inside one is no comment)
TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def sources(*suffixes):
    """Files of the program's folders, as paths relative to the root."""
    found = []
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in suffixes:
                found.append(path.relative_to(ROOT))
    return found


def text(path):
    return (ROOT / path).read_text(encoding="utf-8")


def code(path):
    """The text with comments and what stands in quotes blanked, line numbers kept."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group()) if match.group()[0] == "/" else '""'
    return TOKEN.sub(blank, text(path))


def includes(path):
    """(line, "<" or '"', name) of every include."""
    whole = text(path)
    return [(whole.count("\n", 0, m.start(1)) + 1, m.group(1), m.group(2))
            for m in INCLUDE.finditer(whole)]


def compile_flags():
    """What a header of ours needs to be compiled, as the build has it."""
    modules = ["glib-2.0", "yaml-0.1", "libpq", "jansson", "libcrypto", "libidn"]
    out = subprocess.run(["pkg-config", "--cflags", *modules], check=True, capture_output=True,
                         text=True).stdout.split()
    return ["-std=c17", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Wstrict-prototypes",
            "-Werror", "-I", str(ROOT), "-I", str(ROOT / "cmake/include")] + out


def tracked(*patterns):
    """Files that git knows or would take in, relative to the root."""
    out = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "--",
                          *patterns], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [pathlib.Path(line) for line in out.splitlines() if (ROOT / line).is_file()]
