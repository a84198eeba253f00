/**
 * What runs in the page: draws each figure when Plotly is there, in the page's own text colour, and again when that changes.
 * It is written into notebooks and pages as it stands, and must not use anything outside itself.
 *
 * Plotly's own button that uploads a figure to its makers' cloud is left out.
 *
 * Figures queue themselves in `window.courseFigures`. The first copy of this script to run draws what has queued up and
 * whatever comes later, so a figure may stand before or after the library and may be drawn again by hand.
 */
(() => {
  if (window.courseFigures?.drawing) return;
  const waiting = window.courseFigures || [];
  let drawn = [];
  function themed(node, layout) {
    const ink = getComputedStyle(node).color;
    const faint = ink.replace(/rgba?\(([^)]*)\)/, (_, parts) => `rgba(${parts.split(',').slice(0, 3).join(',')},0.18)`);
    const copy = JSON.parse(JSON.stringify(layout));
    copy.font = { family: getComputedStyle(node).fontFamily, size: 13, ...copy.font, color: ink };
    for (const key of Object.keys(copy)) {
      if (/^[xy]axis/.test(key)) Object.assign(copy[key], { gridcolor: faint, linecolor: faint, zerolinecolor: ink });
    }
    // On paper nothing follows the width of the page by itself, and what is drawn for the screen would be cut off.
    if (matchMedia('print').matches) copy.width = node.clientWidth;
    if (node.clientWidth < 520) {
      if (copy.xaxis?.type === 'category' && copy.xaxis.tickangle === 0) copy.xaxis.tickfont = { size: 9 };
      copy.margin = { ...copy.margin, l: 48, r: 8 };
      copy.font.size = 12;
      copy.height = (copy.height || 380) + 60;
    }
    return copy;
  }
  function draw(node) {
    const specification = node.querySelector('script[type="application/json"]');
    if (!specification) return;
    const figure = JSON.parse(specification.textContent);
    const target = node.querySelector('.plot-area');
    target.textContent = '';
    drawn.push({ node: target, layout: figure.layout });
    window.Plotly.newPlot(target, figure.data, themed(target, figure.layout), {
      responsive: true,
      displaylogo: false,
      showSendToCloud: false,
      plotlyServerURL: '',
      modeBarButtonsToRemove: ['select2d', 'lasso2d', 'autoScale2d'],
    });
    // Plotly's buttons take the keyboard, so that the image is its drawing, no longer all that is around.
    const [image, ...others] = target.querySelectorAll('.main-svg');
    for (const name of ['role', 'aria-label']) {
      image.setAttribute(name, node.getAttribute(name));
      node.removeAttribute(name);
    }
    for (const other of others) other.setAttribute('aria-hidden', 'true');
  }
  function redraw() {
    drawn = drawn.filter(({ node }) => node.isConnected);
    for (const { node, layout } of drawn) window.Plotly.react(node, node.data, themed(node, layout));
  }
  const soon = () => setTimeout(redraw, 50);
  window.courseFigures = { drawing: true, push: draw };
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', soon);
  matchMedia('print').addEventListener('change', redraw);
  const theme = { attributes: true, attributeFilter: ['data-jp-theme-light', 'data-jp-theme-name', 'class'] };
  if (document.body) new MutationObserver(soon).observe(document.body, theme);
  waiting.forEach(draw);
})();
