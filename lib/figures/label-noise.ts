/** What labels alone would have a perfect reader err by, beside what a model errs by. */
import { grouped, years } from '../base/text';
import type { Scores } from '../evaluation/evaluate';
import type { LabelNoise } from '../evaluation/label-noise';
import { axis, COLOURS, categoryAxis, type Figure, figure } from './figure';

/** A bar for each sample of copies, for the model and for the answer without looking. Where no picture is there twice, it says so. */
export function labelNoiseFigure(noise: Readonly<Record<string, LabelNoise>>, model: Scores, baseline: Scores): Figure {
  const samples = Object.entries(noise).filter(([, { perfectReader }]) => perfectReader.ageMaeYears !== null);
  const bars = [
    ...samples.map(([name, { perfectReader, pairs }]) => {
      return [`perfect reader, by ${name}<br>${grouped(pairs)} pairs`, perfectReader.ageMaeYears, COLOURS.green] as const;
    }),
    ['the model', model.ageMaeYears, COLOURS.blue] as const,
    ['always the median age', baseline.ageMaeYears, COLOURS.grey] as const,
  ];
  const [x, y, color] = [bars.map(([name]) => name), bars.map(([, error]) => error ?? 0), bars.map(([, , colour]) => colour)];
  const perfect = samples.map(([, { perfectReader }]) => perfectReader.ageMaeYears?.toFixed(1)).join(' or ');
  const said = bars.map(([name, error]) => `${name.replace('<br>', ', ')}: ${years(error)}`);
  const told = `by noise in labels alone a perfect reader would seem ${perfect} years off`;
  const reading = `The model is ${years(model.ageMaeYears)} off; ${samples.length > 0 ? told : 'no picture is there twice, so the noise in labels is not known'}.`;
  const title = samples.length > 0 ? 'Age error, and what of it labels alone may make' : 'Age error; no copies to judge the labels by';
  const plot = { type: 'bar', x, y, hovertext: said, hoverinfo: 'text', marker: { color } } as const;
  const alt = `Bar chart of the mean absolute error of age: ${said.join('; ')}.`;
  return figure(title, { reading, alt }, [plot], {
    xaxis: categoryAxis('Who answers', { tickangle: 0 }),
    yaxis: axis('Error (years)', { rangemode: 'tozero' }),
  });
}
