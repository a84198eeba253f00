/** Shows figures and pieces of HTML below a notebook's cell. */
import { type Figure, marked } from '../figures/figure';
import { figureHtml, plotlyLibraryHtml } from './html';

let libraryShown = false;
let mark: string | undefined;

/** Words that every figure's title ends with from now on, such as "drawn faces"; undefined for none. */
export function markFigures(words: string | undefined): void {
  mark = words;
}

/** A figure, or HTML made by the functions of this folder. Works in a tslab kernel only. */
export function show(what: Figure | string): void {
  kernel().display.html(typeof what === 'string' ? what : pieceOf(what));
}

/**
 * Takes a place below the running cell and returns what draws figures there, each time in the place of those before. A
 * saved notebook keeps what was drawn last, as if it had been shown once. Works in a tslab kernel only.
 */
export function liveFigures(): (figures: readonly Figure[]) => void {
  const place = kernel().newDisplay();
  place.html('');
  return (figures) => place.html(figures.map(pieceOf).join(''));
}

/**
 * Puts the plotting library into the notebook, for this cell's figures and all others. The settings cell calls it, always
 * anew: then a saved notebook carries the library in one place, whichever other cells are run again by hand.
 */
export function showPlotlyLibrary(): void {
  libraryShown = true;
  show(plotlyLibraryHtml());
}

function pieceOf(figure: Figure): string {
  if (!libraryShown) showPlotlyLibrary();
  return figureHtml(mark ? marked(figure, mark) : figure);
}

/** Only a kernel has it, and only there may it be loaded. */
function kernel(): typeof import('tslab') {
  return require('tslab');
}
