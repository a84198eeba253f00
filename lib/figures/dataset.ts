/** What a data set holds before anything is learned from it: ages, genders, races, and how the sides of a split compare. */
import type { Layout, Plot } from 'nodeplotlib';
import { grouped, percent, years } from '../base/text';
import { byDecade, groupBy, mean, median } from '../data/bands';
import { type FaceRecord, GENDER_NAMES, RACE_NAMES, type Split } from '../data/record';
import { axis, BASELINE_STYLE, COLOURS, categoryAxis, type Figure, figure, TRAINING_STYLE, VALIDATION_STYLE } from './figure';

const BIN_YEARS = 5;
const AGE_AXIS = `Age (years, bins of ${BIN_YEARS})`;

/** How many faces there are of each age, in bins of five years. */
export function ageHistogram(records: readonly FaceRecord[]): Figure {
  const agesYears = records.map(({ ageYears }) => ageYears).sort((a, b) => a - b);
  const bars: Plot = { ...binned(records, (count) => count), type: 'bar', textposition: 'none', marker: { color: COLOURS.blue } };
  const [youngest, oldest] = [agesYears[0], agesYears[agesYears.length - 1]];
  const counts = bars.y as readonly number[];
  const fullest = counts.indexOf(Math.max(...counts));
  const reading = `The fullest bin, ${binText(fullest)}, holds ${percent(counts[fullest] / records.length)} of the faces; the median age is ${years(median(agesYears), 0)}.`;
  const alt = `Histogram of the ages of ${grouped(records.length)} faces: from ${youngest} to ${oldest} years, mean ${years(mean(agesYears))}.`;
  return figure('How old the faces are', { reading, alt }, [bars], {
    xaxis: axis(AGE_AXIS, { dtick: 10, range: [0, (bars.x?.length ?? 0) * BIN_YEARS] }),
    yaxis: axis('Number of faces'),
    bargap: 0.04,
  });
}

/** How many faces are annotated male and female. */
export function genderBalance(records: readonly FaceRecord[]): Figure {
  const codes = records.map(({ gender }) => gender);
  return balance('Perceived gender, as annotated', 'Perceived gender', GENDER_NAMES, codes);
}

/** How many faces are in each of the five annotated groups. */
export function raceBalance(records: readonly FaceRecord[]): Figure {
  const codes = records.map(({ race }) => race);
  return balance('Race, as annotated', 'Annotated group', RACE_NAMES, codes);
}

/** The share of faces annotated female in each age band: if it moves with age, gender and age are confounded. */
export function genderAgainstAge(records: readonly FaceRecord[]): Figure {
  const groups = byDecade(records, ({ ageYears }) => ageYears).map(({ label, items }) => {
    return { label, count: items.length, share: mean(items.map(({ gender }) => gender)) };
  });
  const labels = groups.map((group) => `${group.label}<br>${grouped(group.count)}`);
  const bars: Plot = {
    type: 'bar',
    name: 'Annotated female',
    x: labels,
    y: groups.map((group) => group.share),
    hovertext: groups.map((group) => `${group.label} years: ${percent(group.share)} female of ${grouped(group.count)} faces`),
    hoverinfo: 'text',
    marker: { color: COLOURS.green },
  };
  const half: Plot = { ...BASELINE_STYLE, name: 'Half', x: labels, y: labels.map(() => 0.5), hoverinfo: 'skip' };
  const byShare = [...groups].sort((a, b) => a.share - b.share);
  const [low, high] = [byShare[0], byShare[byShare.length - 1]].map(({ share, label }) => `${percent(share, 0)} (ages ${label})`);
  const reading = `Of a band's faces between ${low} and ${high} are annotated female.`;
  const alt = `Bar chart by age band, of the share annotated female: ${groups.map((group) => `${group.label} ${percent(group.share, 0)}`).join(', ')}. A line at 50 %.`;
  return figure('Gender is not independent of age', { reading, alt }, [bars, half], {
    xaxis: categoryAxis('Age (years), and how many faces', { tickangle: 0 }),
    yaxis: axis('Annotated female (%)', { tickformat: '.0%', range: [0, 1] }),
  });
}

/** The ages of both sides of a split; in a good one the curves lie on each other. */
export function splitFigure(split: Split): Figure {
  return sides('Ages on both sides of the split', ['Training', split.training], ['Validation', split.validation]);
}

/** What the last fifth in file order would be like as a validation side: why a split must be drawn, not cut. */
export function tailSplitFigure(records: readonly FaceRecord[]): Figure {
  const cut = Math.floor(records.length * 0.8);
  const title = 'If the last 20 % in file order were the validation side';
  return sides(title, ['First 80 %', records.slice(0, cut)], ['Last 20 %', records.slice(cut)]);
}

type Side = readonly [name: string, records: readonly FaceRecord[]];

function sides(title: string, first: Side, second: Side): Figure {
  const curves = [first, second].map(([side, records], index): Plot => {
    const name = `${side} (mean ${years(mean(records.map(({ ageYears }) => ageYears)))})`;
    return { ...[TRAINING_STYLE, VALIDATION_STYLE][index], ...binned(records, (count) => count / records.length), name };
  });
  const [one, other] = [first, second].map(([, records]) => mean(records.map(({ ageYears }) => ageYears)));
  const reading = `The mean ages of the two sides are ${years(Math.abs(one - other))} apart.`;
  const alt = `Two curves, the share of each side's faces by age: ${curves.map(({ name }) => name).join(', ')}.`;
  return figure(title, { reading, alt }, curves, {
    xaxis: axis(AGE_AXIS, { dtick: 10 }),
    yaxis: axis('Share of the side (%)', { tickformat: '.0%', rangemode: 'tozero' }),
  });
}

/** How many faces are in each bin of ages from 0 up to the oldest, told when it is pointed at, and as high as `heightOf` makes it. */
function binned(records: readonly FaceRecord[], heightOf: (count: number) => number): Plot {
  const byBin = groupBy(records, ({ ageYears }) => Math.floor(ageYears / BIN_YEARS));
  const counts = Array.from({ length: Math.max(...byBin.keys()) + 1 }, (_, bin) => byBin.get(bin)?.length ?? 0);
  return {
    x: counts.map((_, bin) => (bin + 0.5) * BIN_YEARS),
    y: counts.map(heightOf),
    text: counts.map((count, bin) => `${binText(bin)}: ${grouped(count)} faces`),
    hoverinfo: 'text',
  };
}

function binText(bin: number): string {
  return `${bin * BIN_YEARS} to ${(bin + 1) * BIN_YEARS - 1} years`;
}

/** `codes` holds each face's place in `names`; labels of one's own may have no race. */
function balance(title: string, axisTitle: string, names: readonly string[], codes: readonly (number | undefined)[]): Figure {
  const counts = names.map((_, own) => codes.filter((code) => code === own).length);
  const total = codes.filter((code) => code !== undefined).length || 1;
  const bars: Plot = {
    type: 'bar',
    x: [...names],
    y: counts,
    text: counts.map((count) => `${grouped(count)}<br>${percent(count / total)}`),
    textposition: 'outside',
    cliponaxis: false,
    hoverinfo: 'x+text',
    marker: { color: COLOURS.blue },
  };
  const layout: Layout = { xaxis: categoryAxis(axisTitle, { tickangle: 0 }), yaxis: axis('Number of faces'), bargap: 0.35 };
  const [most, least] = [Math.max(...counts), Math.min(...counts)].map((count) => [names[counts.indexOf(count)], percent(count / total)]);
  const reading = `The most frequent label is ${most[0]}, on ${most[1]} of the faces; the rarest is ${least[0]}, on ${least[1]}.`;
  const alt = `Bar chart of the number of faces: ${names.map((name, index) => `${name} ${grouped(counts[index])}`).join(', ')}.`;
  return figure(title, { reading, alt }, [bars], layout);
}
