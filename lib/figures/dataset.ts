/** What a data set holds before anything is learned from it: ages, genders, races, and how the sides of a split compare. */
import type { Layout, Plot } from 'nodeplotlib';
import { grouped, percent, years } from '../base/text';
import { ageBins, byBand, mean } from '../data/bands';
import { type FaceRecord, GENDER_NAMES, RACE_NAMES, type Split } from '../data/record';
import { axis, BASELINE_STYLE, COLOURS, categoryAxis, type Figure, figure, TRAINING_STYLE, VALIDATION_STYLE } from './figure';

const BIN_YEARS = 5;

/** How many faces there are of each age, in bins of five years. */
export function ageHistogram(records: readonly FaceRecord[]): Figure {
  const agesYears = records.map((record) => record.ageYears);
  const bins = ageBins(agesYears, BIN_YEARS);
  const bars: Plot = {
    type: 'bar',
    x: bins.map((bin) => bin.fromYears + BIN_YEARS / 2),
    y: bins.map((bin) => bin.count),
    text: bins.map((bin) => `${bin.fromYears} to ${bin.fromYears + BIN_YEARS - 1} years: ${grouped(bin.count)} faces`),
    textposition: 'none',
    hoverinfo: 'text',
    marker: { color: COLOURS.blue },
  };
  const alt = `Ages of ${grouped(records.length)} faces: mean ${years(mean(agesYears))}, from ${minimum(agesYears)} to ${maximum(agesYears)} years.`;
  return figure('How old the faces are', alt, [bars], {
    xaxis: axis(`Age (years, bins of ${BIN_YEARS})`, { dtick: 10, range: [0, bins.length * BIN_YEARS] }),
    yaxis: axis('Faces'),
    bargap: 0.04,
  });
}

/** How many faces are annotated male and female. */
export function genderBalance(records: readonly FaceRecord[]): Figure {
  const counts = GENDER_NAMES.map((_, code) => records.filter((record) => record.gender === code).length);
  return balance('Perceived gender, as annotated', 'Perceived gender', GENDER_NAMES, counts);
}

/** How many faces are in each of the five annotated groups. */
export function raceBalance(records: readonly FaceRecord[]): Figure {
  const counts = RACE_NAMES.map((_, code) => records.filter((record) => record.race === code).length);
  return balance('Race, as annotated', 'Annotated group', RACE_NAMES, counts);
}

/** The share of faces annotated female in each age band: if it moves with age, gender and age are confounded. */
export function genderAgainstAge(records: readonly FaceRecord[]): Figure {
  const groups = byBand(records, (record) => record.ageYears).map(({ band, items }) => ({
    label: band.label,
    count: items.length,
    share: items.filter((record) => record.gender === 1).length / items.length,
  }));
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
  const alt = `Share annotated female by age band: ${groups.map((group) => `${group.label}: ${percent(group.share, 0)}`).join(', ')}.`;
  return figure('Gender is not independent of age', alt, [bars, half], {
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
  return sides(
    'If the last 20 % in file order were the validation side',
    ['First 80 %', records.slice(0, cut)],
    ['Last 20 %', records.slice(cut)],
  );
}

type Side = readonly [name: string, records: readonly FaceRecord[]];

function sides(title: string, first: Side, second: Side): Figure {
  const means = [first, second].map(([name, records]) => `${name} (mean ${years(mean(records.map((record) => record.ageYears)))})`);
  const data = [curve(first[1], means[0], TRAINING_STYLE), curve(second[1], means[1], VALIDATION_STYLE)];
  const alt = `${title}: ${means.join(', ')}.`;
  return figure(title, alt, data, {
    xaxis: axis(`Age (years, bins of ${BIN_YEARS})`, { dtick: 10 }),
    yaxis: axis('Share of the side (%)', { tickformat: '.0%', rangemode: 'tozero' }),
  });
}

function curve(records: readonly FaceRecord[], name: string, style: Plot): Plot {
  const bins = ageBins(
    records.map((record) => record.ageYears),
    BIN_YEARS,
  );
  return {
    ...style,
    name,
    x: bins.map((bin) => bin.fromYears + BIN_YEARS / 2),
    y: bins.map((bin) => bin.count / records.length),
    text: bins.map((bin) => `${bin.fromYears} to ${bin.fromYears + BIN_YEARS - 1} years: ${grouped(bin.count)} faces`),
    hoverinfo: 'text',
  };
}

function balance(title: string, axisTitle: string, names: readonly string[], counts: readonly number[]): Figure {
  const total = Math.max(
    1,
    counts.reduce((sum, count) => sum + count, 0),
  ); // labels of one's own may have no race
  const bars: Plot = {
    type: 'bar',
    x: [...names],
    y: [...counts],
    text: counts.map((count) => `${grouped(count)}<br>${percent(count / total)}`),
    textposition: 'outside',
    cliponaxis: false,
    hoverinfo: 'x+text',
    marker: { color: COLOURS.blue },
  };
  const layout: Layout = { xaxis: categoryAxis(axisTitle, { tickangle: 0 }), yaxis: axis('Faces'), bargap: 0.35 };
  const alt = `${title}: ${names.map((name, index) => `${name} ${grouped(counts[index])} (${percent(counts[index] / total)})`).join(', ')}.`;
  return figure(title, alt, [bars], layout);
}

function minimum(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
}

function maximum(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
}
