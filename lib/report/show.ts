/** Shows figures and pieces of HTML below a notebook's cell. */
import { type Figure, marked } from './figure';
import { figureHtml, plotlyLibraryHtml } from './html';

let libraryShown = false;
let mark: string | undefined;

/** Words that every figure's title ends with from now on, such as "drawn faces"; undefined for none. */
export function markFigures(words: string | undefined): void {
  mark = words;
}

/** A figure, or HTML made by the functions of this folder. Works in a tslab kernel only. */
export function show(what: Figure | string): void {
  if (typeof what !== 'string' && !libraryShown) showPlotlyLibrary();
  display(typeof what === 'string' ? what : figureHtml(mark ? marked(what, mark) : what));
}

/**
 * Puts the plotting library into the notebook, for this cell's figures and all others. The settings cell calls it, always
 * anew: then a saved notebook carries the library in one place, whichever other cells are run again by hand.
 */
export function showPlotlyLibrary(): void {
  libraryShown = true;
  display(plotlyLibraryHtml());
}

function display(html: string): void {
  // Only a kernel has it, and only there may it be loaded.
  const tslab: typeof import('tslab') = require('tslab');
  tslab.display.html(html);
}
