/** Notebook 7: the worst mistakes, and what is known against the labels that they are held against. */
import { readFileSync } from 'node:fs';
import { projectPath } from '../base/project';
import { MAX_AGE_DISAGREEMENT_YEARS } from '../data/catalog';
import { parseCsv } from '../data/labels';
import { type Catalog, type Face, shortHash } from '../data/record';
import { byAgeError, isRight, type ScoredFace } from '../evaluation/evaluate';
import { labelText } from './course-run';

/** So many faces whose ages are furthest off, and so many that are given the other gender most surely; the worst first. */
export function worstMistakes(scored: readonly ScoredFace[], count: number) {
  const sureness = ({ prediction }: ScoredFace) => Math.abs(prediction.femaleProbability - 0.5);
  const wrong = scored.filter((face) => !isRight(face)).sort((a, b) => sureness(b) - sureness(a));
  return { age: byAgeError(scored).reverse().slice(0, count), gender: wrong.slice(0, count) };
}

/**
 * What is known of a picture against its labels: near copies that are labelled otherwise, and what is plain to see in it. Exact copies that
 * disagree as much are in no split; those of one group may be one person over the years.
 */
export function openRemarks({ nearDuplicates }: Pick<Catalog, 'nearDuplicates'>): (face: Face) => string[] {
  const rows = parseCsv(readFileSync(projectPath('data', 'utkface-remarks.csv'), 'utf8'));
  const seen = new Map(rows.map(({ fields: [hash, ...remark] }) => [hash, remark]));
  return ({ sha256, ageYears = Number.NaN, gender }) => {
    const pairs = nearDuplicates.filter(({ first, second }) => first.sha256 === sha256 || second.sha256 === sha256);
    const copies = pairs.map(({ first, second }) => (first.sha256 === sha256 ? second : first));
    const ageDiffers = (copy: Face) => Math.abs((copy.ageYears ?? Number.NaN) - ageYears) > MAX_AGE_DISAGREEMENT_YEARS;
    const others = copies.filter((copy) => copy.gender !== gender || ageDiffers(copy));
    return [...others.map((copy) => `a near copy is labelled ${labelText(copy)}`), ...(seen.get(shortHash(sha256)) ?? [])];
  };
}
