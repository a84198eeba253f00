/** Errors by age, perceived gender and annotated race, and by two of these at a time, with their intervals. */
import { streamFor } from '../base/random';
import { byDecade } from '../data/bands';
import { type Catalog, type Face, GENDER_NAMES, RACE_NAMES } from '../data/record';
import { clusterOf } from '../data/split';
import { bootstrap, type Estimate } from './bootstrap';
import { type Answered, errorYears, isAged, isRight } from './evaluate';

/** Of smaller groups nothing is said. */
const FEWEST = 30;

export interface GroupRow {
  /** "ages 20–29", "Indian, female". */
  readonly name: string;
  readonly count: number;
  /** Null where too few ages are known. */
  readonly ageMaeYears: Estimate | null;
  readonly genderAccuracy: Estimate | null;
}

type Faces = readonly Answered<Face>[];
type Group = readonly [name: string, faces: Faces];

const decades = (faces: Faces): Group[] =>
  byDecade(faces.filter(isAged), ({ record }) => record.ageYears).map(({ label, items }) => [`ages ${label}`, items]);
const genders = (faces: Faces): Group[] => GENDER_NAMES.map((name, code) => [name, faces.filter(({ record }) => record.gender === code)]);
const races = (faces: Faces): Group[] => RACE_NAMES.map((name, code) => [name, faces.filter(({ record }) => record.race === code)]);

/** All faces, however few, and groups of at least 30; near copies, which the catalog knows, are drawn together. The same seed gives the same intervals. */
export function groupRows(faces: Faces, catalog: Pick<Catalog, 'clusters'>, seed = 1): Record<'groups' | 'crossings', GroupRow[]> {
  const cluster = clusterOf(catalog);
  const isEnough = ({ length }: Faces) => length >= FEWEST || (length > 0 && length === faces.length);
  const row = ([name, group]: Group): GroupRow => {
    const estimate = (known: Faces, measure: (face: Answered<Face>) => number) =>
      isEnough(known) ? bootstrap(known, measure, ({ record }) => cluster(record), streamFor(seed, `bootstrap, ${name}`)) : null;
    return { name, count: group.length, ageMaeYears: estimate(group.filter(isAged), errorYears), genderAccuracy: estimate(group, isRight) };
  };
  const rows = (groups: readonly Group[]) => groups.filter(([, group]) => isEnough(group)).map(row);
  const cross = (outer: readonly Group[], inner: (faces: Faces) => Group[]) =>
    outer.flatMap(([name, some]) => inner(some).map(([other, both]): Group => [`${name}, ${other}`, both]));
  const adults = faces.filter(({ record: { ageYears = 0 } }) => ageYears >= 21 && ageYears <= 60);
  return {
    groups: rows([['all', faces], ['ages 21 to 60', adults], ...decades(faces), ...genders(faces), ...races(faces)]),
    crossings: rows([...cross(decades(faces), genders), ...cross(races(faces), genders), ...cross(decades(faces), races)]),
  };
}
