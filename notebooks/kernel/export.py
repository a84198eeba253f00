"""Turns executed notebooks into pages that stand alone, and fills the run's facts into the pages that are written by hand.

    python export.py < job.json

The job is {"library": html, "footer": html, "faces": bool, "pages": [{"notebook", "source", "page", "title", "previous", "next"}],
"written": [{"page", "template", "shell": html}], "facts": {...}}. `library` goes once into the head of every page that has figures. Without `faces`,
every picture that is not marked as drawn is left out. Pages are written beside their place first and then renamed.
"""
import json
import os
import re
import secrets
import sys

sys.modules["rfc3987_syntax"] = None  # as in execute.py

import jinja2
import nbformat
from nbconvert import HTMLExporter

from faceless import without_photos

HERE = os.path.dirname(os.path.abspath(__file__))
LIBRARY = re.compile(r"<script data-plotly-library>.*?</script>", re.DOTALL)
NOTEBOOK_LINK = re.compile(r'(<a\b[^>]*\bhref=")(?:\./)?([\w-]+)\.ipynb((?:#[^"]*)?")')
REMOTE = re.compile(r"<(?:script|img|iframe|link)\b[^>]*\b(?:src|href)\s*=\s*[\"'](?:https?:)?//[^\"']*", re.IGNORECASE)
HEADING = re.compile(r'<h([23]) id="([^"]+)">(.*?)<a class="anchor-link"', re.DOTALL)


def prepare(notebook):
    """Takes the library out of the outputs, and says whether any of them is a figure."""
    figures = False
    notebook.metadata.pop("widgets", None)  # nothing of a page shows them
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        kept = []
        for output in cell.outputs:
            data = output.get("data", {})
            html = data.get("text/html")
            if html is not None:
                html = LIBRARY.sub("", "".join(html) if isinstance(html, list) else html)
                if not html.strip():
                    continue
                data["text/html"] = html
                figures = figures or 'class="plot"' in html
            kept.append(output)
        cell.outputs = kept
    return figures


def contents(main):
    """The headings below the title as a list of links; nothing where there are hardly any."""
    links = [f'<li class="level-{level}"><a href="#{name}">{re.sub("<[^>]*>", "", text)}</a></li>' for level, name, text in HEADING.findall(main)]
    if len(links) < 3:
        return ""
    return f'<details class="course-contents" open><summary>On this page</summary><nav aria-label="On this page"><ul>{"".join(links)}</ul></nav></details>'


def export(page, job):
    notebook = nbformat.read(page["notebook"], as_version=4)
    notebook.metadata["title"] = page["title"]
    notebook.metadata.setdefault("language_info", {"name": "typescript"})["pygments_lexer"] = "typescript"
    figures = prepare(notebook)
    exporter = HTMLExporter(template_name="template", extra_template_basedirs=[HERE], embed_images=True)
    border = f"<!--{secrets.token_hex(16)}-->"  # which no cell can forge: what a notebook holds is between two of them
    course = {"library": job["library"] if figures else "", "footer": job["footer"], "page": page, "border": border}
    html, _ = exporter.from_notebook_node(notebook, resources={"course": course, "metadata": {"path": os.path.dirname(page["source"])}})
    parts = html.split(border)
    if len(parts) != 3:
        raise ValueError(f"{page['notebook']}: a cell shows HTML that is never closed, and swallows the rest of the page")
    before, main, after = parts
    main = NOTEBOOK_LINK.sub(r"\1\2.html\3", main)
    if not job["faces"]:
        main = without_photos(main)
    html = f"{before}{contents(main)}<main>{main}</main>{after}"
    remote = REMOTE.search(html)
    if remote:
        raise ValueError(f"{page['page']} would ask the network: {remote[0][:120]}")
    write(page["page"], html)


def write_pages(written, facts):
    templates = jinja2.Environment(loader=jinja2.FileSystemLoader(os.path.join(HERE, "template")), autoescape=True, trim_blocks=True)
    for page in written:
        body = templates.get_template(page["template"]).render(facts)
        write(page["page"], page["shell"].replace("<!--body-->", body))


def write(page, html):
    partial = page + ".partial"
    try:
        with open(partial, "w", encoding="utf-8") as file:
            file.write(html)
        os.replace(partial, page)
    finally:
        if os.path.exists(partial):
            os.remove(partial)


def main():
    job = json.load(sys.stdin)
    for page in job["pages"]:
        export(page, job)
    write_pages(job["written"], job["facts"])


if __name__ == "__main__":
    main()
