/**
 * What runs in the page: draws each figure when Plotly is there, in the page's own text colour, and again when that
 * changes. Kept as a string because it is written into notebooks and pages; it must not use anything outside itself.
 *
 * Plotly's own button that uploads a figure to its makers' cloud is left out.
 *
 * Figures queue themselves in `window.courseFigures`. The first copy of this script to run draws what has queued up and
 * whatever comes later, so a figure may stand before or after the library and may be drawn again by hand.
 */
export const DRAWING_SCRIPT = `(function () {
  if (window.courseFigures && window.courseFigures.drawing) return;
  var waiting = window.courseFigures || [];
  var drawn = [];
  function themed(node, layout) {
    var ink = getComputedStyle(node).color;
    var faint = ink.replace(/rgba?\\(([^)]*)\\)/, function (all, parts) {
      return 'rgba(' + parts.split(',').slice(0, 3).join(',') + ',0.18)';
    });
    var copy = JSON.parse(JSON.stringify(layout));
    copy.font = Object.assign({ family: getComputedStyle(node).fontFamily, size: 13 }, copy.font, { color: ink });
    Object.keys(copy).forEach(function (key) {
      if (/^[xy]axis/.test(key)) Object.assign(copy[key], { gridcolor: faint, linecolor: faint, zerolinecolor: ink });
    });
    if (node.clientWidth < 520) {
      if (copy.xaxis && copy.xaxis.type === 'category' && copy.xaxis.tickangle === 0) copy.xaxis.tickfont = { size: 9 };
      copy.margin = Object.assign({}, copy.margin, { l: 48, r: 8 });
      copy.font.size = 12;
      copy.height = (copy.height || 380) + 60;
    }
    return copy;
  }
  function draw(node) {
    var specification = node.querySelector('script[type="application/json"]');
    if (!specification) return;
    var figure = JSON.parse(specification.textContent);
    var target = node.querySelector('.plot-area');
    target.textContent = '';
    drawn.push({ node: target, layout: figure.layout });
    window.Plotly.newPlot(target, figure.data, themed(target, figure.layout), {
      responsive: true,
      displaylogo: false,
      showSendToCloud: false,
      plotlyServerURL: '',
      modeBarButtonsToRemove: ['select2d', 'lasso2d', 'autoScale2d']
    });
  }
  function redraw() {
    drawn = drawn.filter(function (entry) { return entry.node.isConnected; });
    drawn.forEach(function (entry) { window.Plotly.react(entry.node, entry.node.data, themed(entry.node, entry.layout)); });
  }
  window.courseFigures = { drawing: true, push: draw };
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', function () { setTimeout(redraw, 50); });
  if (document.body) new MutationObserver(function () { setTimeout(redraw, 50); })
    .observe(document.body, { attributes: true, attributeFilter: ['data-jp-theme-light', 'data-jp-theme-name', 'class'] });
  waiting.forEach(draw);
})();`;
