"""Turns executed notebooks into pages that stand alone.

    python export.py < job.json

The job is {"library": html, "footer": html, "faces": bool, "pages": [{"notebook", "page", "title", "navigation": html}]}.
`library` goes once into the head of every page that has figures. Without `faces`, every picture that is not marked as
drawn is left out. Pages are written beside their place first and then renamed.
"""
import json
import os
import re
import sys

sys.modules["rfc3987_syntax"] = None  # as in execute.py

import nbformat
from nbconvert import HTMLExporter

PHOTOS = re.compile(r'(?:<figure\b[^>]*\bdata-photo\b[^>]*>.*?</figure>\s*)+', re.DOTALL)
PHOTO = re.compile(r"<figure\b[^>]*\bdata-photo\b")
DRAWN_OR_PICTURE = re.compile(r'(<figure class="drawn".*?</figure>)|<img\b[^>]*>', re.DOTALL)
LIBRARY = re.compile(r"<script data-plotly-library>.*?</script>", re.DOTALL)
NOTEBOOK_LINK = re.compile(r'(<a\b[^>]*\bhref=")(?:\./)?([\w-]+)\.ipynb((?:#[^"]*)?")')
REMOTE = re.compile(r"<(?:script|img|iframe|link)\b[^>]*\b(?:src|href)\s*=\s*[\"'](?:https?:)?//[^\"']*", re.IGNORECASE)


def left_out(count):
    what = "A photo was" if count == 1 else f"{count} photos were"
    return f'<p class="left-out">{what} left out: this report is for passing on without faces.</p>'


def without_photos(html):
    """Photos become a line of text, neighbours one line for all; then whatever picture is not known to be drawn goes too."""
    html = PHOTOS.sub(lambda match: left_out(len(PHOTO.findall(match[0]))), html)
    return DRAWN_OR_PICTURE.sub(lambda match: match[1] or left_out(1), html)


def prepare(notebook, faces):
    """Keeps of the outputs what the page shall show, and says whether any of them is a figure."""
    figures = False
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        kept = []
        for output in cell.outputs:
            data = output.get("data", {})
            html = data.get("text/html")
            if html is not None:
                html = "".join(html) if isinstance(html, list) else html
                html = LIBRARY.sub("", html)
                if not faces:
                    html = without_photos(html)
                if not html.strip():
                    continue
                data["text/html"] = html
                figures = figures or 'class="plot"' in html
            if not faces and any(kind.startswith("image/") for kind in data):
                output = nbformat.v4.new_output("display_data", {"text/html": left_out(1)})
            kept.append(output)
        cell.outputs = kept
    return figures


def export(page, job):
    notebook = nbformat.read(page["notebook"], as_version=4)
    notebook.metadata["title"] = page["title"]
    notebook.metadata.setdefault("language_info", {"name": "typescript"})["pygments_lexer"] = "typescript"
    figures = prepare(notebook, job["faces"])
    exporter = HTMLExporter(
        template_name="template",
        extra_template_basedirs=[os.path.dirname(os.path.abspath(__file__))],
        embed_images=True,
    )
    course = {"library": job["library"] if figures else "", "footer": job["footer"], "navigation": page["navigation"]}
    html, _ = exporter.from_notebook_node(notebook, resources={"course": course, "metadata": {"path": os.path.dirname(page["source"])}})
    html = NOTEBOOK_LINK.sub(r"\1\2.html\3", html)
    remote = REMOTE.search(html)
    if remote:
        raise ValueError(f"{page['page']} would ask the network: {remote[0][:120]}")
    partial = page["page"] + ".partial"
    try:
        with open(partial, "w", encoding="utf-8") as file:
            file.write(html)
        os.replace(partial, page["page"])
    finally:
        if os.path.exists(partial):
            os.remove(partial)


def main():
    job = json.load(sys.stdin)
    for page in job["pages"]:
        export(page, job)


if __name__ == "__main__":
    main()
