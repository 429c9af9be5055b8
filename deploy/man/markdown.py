#!/usr/bin/env python3
"""Prints a document of docs/ as a manual page. Knows what those documents are made of: headings, paragraphs, lists, tables, code.

Usage: markdown.py DOCUMENT NAME SECTION DESCRIPTION
"""

import re
import sys


def inline(text):
    text = text.replace("\\|", "|").replace("\\", "\\e").replace("-", "\\-")
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"`([^`]*)`", r"\\fB\1\\fR", text)
    text = re.sub(r"\*\*([^*]+)\*\*", r"\\fB\1\\fR", text)
    text = re.sub(r"(?<!\w)\*([^*]+)\*(?!\w)", r"\\fI\1\\fR", text)
    return re.sub(r"^([.'])", r"\\&\1", text)


def cells(line):
    return [cell.strip().replace("\0", "\\|") for cell in line.replace("\\|", "\0").strip().strip("|").split("|")]


def table(rows):
    """The first column is the term; the others follow it, each with its heading where there is more than one."""
    head, lines = rows[0], []
    for row in rows[2:]:
        lines += [".TP", inline(row[0])]
        body = [(h, c) for h, c in zip(head[1:], row[1:]) if c]
        # The last column is prose, what stands before it is facts.
        lines.append(inline(body[-1][1]) if body else "\\&")
        for title, cell in body[:-1]:
            lines += [".br", f"{inline(title.capitalize())}: {inline(cell)}"]
    return lines


def convert(document):
    lines, rows, code = [], [], False
    for line in document[1:] + [""]:
        if line.startswith("```"):
            lines += [".RE", ".fi"] if code else [".PP", ".nf", ".RS 4"]
            code = not code
        elif code:
            lines.append(re.sub(r"^([.'])", r"\\&\1", line.replace("\\", "\\e").replace("-", "\\-")) or ".sp")
        elif line.startswith("|"):
            rows.append(cells(line))
        else:
            if rows:
                lines += table(rows)
                rows = []
            if line.startswith("## "):
                lines.append(f".SH {inline(line[3:]).upper()}" if "`" not in line else f'.SH "{inline(line[3:])}"')
            elif line.startswith("### "):
                lines.append(f'.SS "{inline(line[4:])}"')
            elif re.match(r"(- |\d+\. )", line):
                lines += [".IP \\(bu 2", inline(re.sub(r"^(- |\d+\. )", "", line))]
            elif line.strip():
                lines.append(inline(line.strip()))
            else:
                lines.append(".PP")
    return re.sub(r"(\n\.PP)+(?=\n\.(PP|SH|SS|TP|IP|nf)|\n?$)", "", "\n".join(lines))


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    path, name, section, description = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        document = file.read().splitlines()
    print(f'.TH {name.upper()} {section} "" plugin-gateway')
    print(f".SH NAME\n{inline(name)} \\- {inline(description)}\n.SH DESCRIPTION")
    print(convert(document))
    print(".SH SEE ALSO\n.BR plugin\\-gateway (1),\n.BR plugin\\-gateway.service (8)")


main()
