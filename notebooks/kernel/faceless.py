"""Takes every picture out of a page but those that are marked as drawn. What may stay is listed here: what nobody has thought of goes."""
import json
import re

from bs4 import BeautifulSoup, NavigableString, Tag

ELEMENTS = frozenset("""a abbr aside b blockquote br caption cite code dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i kbd li mark
ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead tr u ul var svg g path rect circle ellipse line polyline polygon text tspan""".split())
INVISIBLE = frozenset("base link meta noscript script style template".split())
WORDS = frozenset("alt class colspan data-mime-type data-type id open role rowspan scope start tabindex type width height".split())
SHAPES = frozenset("""cx cy d dx dy fill fill-opacity font-size font-weight opacity points r rx ry stroke stroke-dasharray stroke-opacity stroke-width style
text-anchor transform vector-effect viewbox x x1 x2 y y1 y2""".split())
FETCHES = re.compile(r"url|image|src|data:|[\\@<]", re.IGNORECASE)  # in a style: whatever could name a picture, or hide that it does
LINK = re.compile(r"(?:#|https?://|[\w-]+\.html)")
PAYLOAD = re.compile(r"[A-Za-z0-9+/=_-]{200,}")
DRAWN = re.compile(r"data:image/(?:png|jpeg);base64,[A-Za-z0-9+/=]+")
QUEUE = re.compile(r"\(window\.courseFigures=window\.courseFigures\|\|\[\]\)\.push\(document\.currentScript\.(?:parentNode|previousSibling)\);")


def without_photos(html):
    """HTML in which text stands where pictures were, neighbours told of in one line. Scripts but the figures' go too."""
    soup = BeautifulSoup(html, "html.parser")
    clean(soup, drawn=False)
    for first in soup.select("span.left-out"):
        if first.parent is None:
            continue  # told of by the one before
        count = 1
        while (following := neighbour(first)) is not None and following.get("class") == ["left-out"]:
            following.extract()
            count += 1
        what = "A photo was" if count == 1 else f"{count} photos were"
        first.string = f"{what} left out: this report is for passing on without faces."
    return str(soup)


def neighbour(tag):
    """The element that follows with nothing but spaces between."""
    node = tag.next_sibling
    while isinstance(node, NavigableString) and not node.strip():
        node = node.next_sibling
    return node if isinstance(node, Tag) else None


def clean(parent, drawn):
    for node in list(parent.children):
        if not isinstance(node, Tag):
            if type(node) is NavigableString:
                node.replace_with(PAYLOAD.sub("…", node))
            else:
                node.extract()  # a comment, or anything else that readers take for one and parsers may not
            continue
        here = drawn or (node.name == "figure" and node.get("class") == ["drawn"])
        if node.name == "img" and drawn and DRAWN.fullmatch(node.get("src", "")):
            clean_attributes(node, {"src"})
        elif node.name == "script" and keeps_script(node):
            pass
        elif node.name in INVISIBLE:
            node.extract()
        elif node.name not in ELEMENTS or node.has_attr("data-photo") or (node.name == "svg" and odd_drawing(node)):
            node.replace_with(Tag(name="span", attrs={"class": ["left-out"]}))
        else:
            clean_attributes(node, set())
            clean(node, here)


def odd_drawing(svg):
    return any(inner.name not in ELEMENTS for inner in svg.find_all(True))


def clean_attributes(node, known):
    for name, value in list(node.attrs.items()):
        value = " ".join(value) if isinstance(value, list) else str(value)
        word = name in WORDS or name.startswith("aria-") or (name == "href" and node.name == "a" and LINK.match(value))
        shape = name in SHAPES and not FETCHES.search(value)
        if name not in known and (not (word or shape) or PAYLOAD.search(value)):
            del node.attrs[name]


def keeps_script(script):
    """Only a figure's specification, its own pictures taken out, and the line that asks for it to be drawn."""
    figure = script.find_parent("figure")
    if figure is None or "plot" not in figure.get("class", []):
        return False
    text = script.string or ""
    if script.attrs == {}:
        return QUEUE.fullmatch(text.strip()) is not None
    if script.attrs != {"type": "application/json"}:
        return False
    try:
        figure = json.loads(text)
        traces = [trace for trace in figure["data"] if trace.get("type", "scatter") in ("scatter", "bar")]
        script.string = json.dumps(plain({"data": traces, "layout": figure["layout"]})).replace("<", "\\u003c")
    except (ValueError, KeyError, AttributeError, TypeError):
        return False
    return True


def plain(value):
    """Without images, and without long or self-contained strings wherever they are."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items() if key not in ("images", "template", "bdata")}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return "…" if isinstance(value, str) and ("data:" in value or PAYLOAD.search(value)) else value
