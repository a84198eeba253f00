/**
 * What a figure is: a Plotly specification with a title, what to read from it, and words for readers who cannot see it. Figures
 * are plain data, so they are tested without a browser and drawn alike in Jupyter, in the exported pages and by `npm run plots`.
 */
import type { Layout, Plot } from 'nodeplotlib';

export interface Figure extends Words {
  readonly title: string;
  readonly data: readonly Plot[];
  readonly layout: Layout;
  /** It shows no face of the run: a network alone, or a photo of the reader's. */
  readonly faceless?: boolean;
}

/** What stands for a figure in words. Both are made from its numbers, and neither repeats its title. */
interface Words {
  /** What to read from the figure, in one sentence, for everybody: it stands below. */
  readonly reading: string;
  /** In place of the drawing: which kind of figure it is, and its main numbers. */
  readonly alt: string;
}

/**
 * Okabe and Ito's colours for colour-blind readers, without those too pale for a white page or too dark for a black one.
 * No figure relies on them alone: dash and marker differ too.
 */
export const COLOURS = { blue: '#0072b2', vermillion: '#d55e00', green: '#009e73', purple: '#cc79a7', grey: '#7f7f7f' } as const;

/** The two sides of every comparison, told apart by colour, dash and marker. */
export const TRAINING_STYLE: Plot = {
  mode: 'lines+markers',
  line: { color: COLOURS.blue, width: 2.5 },
  marker: { color: COLOURS.blue, symbol: 'circle', size: 8 },
};
export const VALIDATION_STYLE: Plot = {
  mode: 'lines+markers',
  line: { color: COLOURS.vermillion, width: 2.5, dash: 'dash' },
  marker: { color: COLOURS.vermillion, symbol: 'diamond', size: 9 },
};
export const BASELINE_STYLE: Plot = { mode: 'lines', line: { color: COLOURS.grey, width: 2, dash: 'dot' } };

/** Text and grid lines take the page's colour when the figure is drawn: see drawing.js. */
const BASE: Layout = {
  autosize: true,
  height: 380,
  paper_bgcolor: 'rgba(0,0,0,0)',
  plot_bgcolor: 'rgba(0,0,0,0)',
  margin: { l: 64, r: 16, t: 16, b: 56 },
  legend: { orientation: 'h', x: 0, y: 1.02, xanchor: 'left', yanchor: 'bottom' },
  hovermode: 'closest',
  bargap: 0.12,
};

/** An axis with its title; `options` is whatever else Plotly knows of axes. */
export function axis(title: string, options: Layout['xaxis'] = {}): NonNullable<Layout['xaxis']> {
  return { title: { text: title, standoff: 10 }, automargin: true, zeroline: false, ...options };
}

/** An axis of names rather than numbers: no grid lines through the bars. */
export function categoryAxis(title: string, options: Layout['xaxis'] = {}): NonNullable<Layout['xaxis']> {
  return axis(title, { type: 'category', showgrid: false, ...options });
}

export function figure(title: string, words: Words, data: readonly Plot[], layout: Layout): Figure {
  return { title, ...words, data, layout: { ...BASE, ...layout } };
}

/** The same figure with words after its title, such as "drawn faces", unless it shows no faces. */
export function marked(original: Figure, words: string): Figure {
  return original.faceless ? original : { ...original, title: `${original.title} (${words})` };
}
