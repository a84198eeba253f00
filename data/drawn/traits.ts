/**
 * What a drawn face looks like, drawn from its labels. Nothing here is certain: most cues are probabilities that differ
 * between ages and genders, people look older or younger than they are, and a few labels are wrong, as in real data.
 */
import { normal, type Random } from '../../lib/base/random';
import type { FaceLabels } from '../../lib/data/record';
import { BACKGROUNDS, CLOTHES, type Colour, DARK_EYES, DARK_HAIR, EYE_COLOURS, GREY_HAIR, LIGHT_HAIR, mix, SKIN_RANGES } from './colour';

export type HairStyle = 'sparse' | 'bald' | 'short' | 'curly' | 'medium' | 'long' | 'bun';
export type Beard = 'none' | 'stubble' | 'moustache' | 'full';

export interface Traits {
  /** The age that shows. */
  readonly looksYears: number;
  /** 0 for a newborn's proportions, 1 for an adult's. */
  readonly maturity: number;
  /** 0 a soft face, 1 a broad one with a strong jaw and brow. */
  readonly ruggedness: number;
  readonly skin: Colour;
  readonly hair: Colour;
  readonly eyes: Colour;
  readonly lips: Colour;
  /** 0 thin to 1 full. */
  readonly lipFullness: number;
  readonly lashes: boolean;
  readonly narrowEyes: boolean;
  readonly hairStyle: HairStyle;
  /** 0 a low hairline, 1 receded to the crown. */
  readonly recession: number;
  /** Where the hair parts, -1 left to 1 right; a fringe has none. */
  readonly parting: number;
  readonly fringe: boolean;
  readonly beard: Beard;
  readonly glasses: boolean;
  readonly earrings: boolean;
  readonly bow: boolean;
  /** -1 to 1; teeth show from 0.6. */
  readonly smile: number;
  readonly background: readonly [Colour, Colour];
  readonly clothes: Colour;
  /** A number of its own for everything small: freckles, strands, blobs. */
  readonly detailSeed: number;
}

/** Shares of UTKFace by age, [youngest, oldest, weight]. */
const AGES: readonly (readonly [number, number, number])[] = [
  [1, 2, 70],
  [3, 9, 75],
  [10, 19, 75],
  [20, 29, 290],
  [30, 39, 190],
  [40, 49, 100],
  [50, 59, 100],
  [60, 69, 60],
  [70, 79, 35],
  [80, 90, 25],
];
const RACE_WEIGHTS = [43, 19, 14, 17, 7];
/** Of a hundred faces, so many carry the other gender's label. */
const WRONG_GENDER_PERCENT = 2;

/** Drawn faces lack no label. */
export type DrawnLabels = Required<Omit<FaceLabels, 'ageRangeYears' | 'group'>>;

export function drawLabels(random: Random): DrawnLabels {
  const [youngest, oldest] = weighted(
    random,
    AGES.map((band) => [band, band[2]]),
  );
  const race = weighted(
    random,
    RACE_WEIGHTS.map((weight, index) => [index, weight]),
  );
  return { ageYears: youngest + Math.floor(random() * (oldest - youngest + 1)), gender: random() < 0.48 ? 1 : 0, race };
}

export function drawTraits(labels: DrawnLabels, random: Random): Traits {
  const chance = (probability: number): boolean => random() < probability;
  const wrong = chance(WRONG_GENDER_PERCENT / 100);
  const female = (labels.gender === 1) !== wrong;
  const years = Math.max(0.5, labels.ageYears + normal(random) * (0.4 + labels.ageYears * 0.07));
  const adult = years >= 15;
  const light = labels.race === 0 || (labels.race === 4 && chance(0.3));
  const grey = 1 / (1 + Math.exp(-(years - 54 + normal(random) * 5) / 6));
  const dyed = female && chance(0.3);
  const skin = mix(...SKIN_RANGES[labels.race], random());
  const paint = female && adult && chance(0.75);
  const hair = mix(weighted(random, light ? LIGHT_HAIR : DARK_HAIR), GREY_HAIR, dyed ? grey * 0.25 : grey);
  const naturalLips = mix(skin, [168, 72, 72], 0.4);
  const backdrop = (): Colour => BACKGROUNDS[Math.floor(random() * BACKGROUNDS.length)];
  return {
    looksYears: years,
    maturity: 1 - Math.exp(-years / 7.5),
    ruggedness: adult ? clamp((female ? 0.24 : 0.76) + normal(random) * 0.13) : clamp(0.3 + (female ? -0.12 : 0.12) + normal(random) * 0.1),
    skin,
    hair,
    eyes: light ? EYE_COLOURS[Math.floor(random() * EYE_COLOURS.length)] : DARK_EYES,
    lips: paint ? mix(naturalLips, [186, 36, 56], 0.4 + random() * 0.5) : naturalLips,
    lipFullness: clamp((female ? 0.62 : 0.36) + normal(random) * 0.16 - Math.max(0, years - 45) * 0.008),
    lashes: female ? chance(adult ? 0.9 : 0.7) : chance(0.05),
    narrowEyes: labels.race === 2 ? chance(0.85) : chance(0.08),
    hairStyle: drawHairStyle(years, female, labels.race === 1, random),
    recession: female || !adult ? 0.12 + random() * 0.2 : clamp(0.1 + random() * 0.25 + Math.max(0, years - 26) * 0.011 * random() * 2),
    parting: random() * 1.6 - 0.8,
    fringe: chance(adult ? (female ? 0.35 : 0.12) : 0.5),
    beard: female || years < 19 ? 'none' : weighted(random, beards(years)),
    glasses: chance(years < 8 ? 0.03 : years < 45 ? 0.16 : 0.48),
    earrings: female && chance(adult ? 0.45 : 0.2),
    bow: female && years < 11 && chance(0.5),
    smile: clamp(0.35 + normal(random) * 0.4, -0.4, 1),
    background: [backdrop(), backdrop()],
    clothes: CLOTHES[Math.floor(random() * CLOTHES.length)],
    detailSeed: Math.floor(random() * 2 ** 31),
  };
}

function beards(years: number): readonly (readonly [Beard, number])[] {
  return [
    ['none', 32],
    ['stubble', 28],
    ['moustache', years > 35 ? 14 : 6],
    ['full', years > 24 ? 24 : 12],
  ];
}

function drawHairStyle(years: number, female: boolean, curls: boolean, random: Random): HairStyle {
  const short: HairStyle = curls && random() < 0.6 ? 'curly' : 'short';
  if (years < 2.5) return random() < 0.75 ? 'sparse' : short;
  if (female) {
    const long = years > 55 ? 16 : 55;
    return weighted<HairStyle>(random, [
      ['long', long],
      ['medium', 26],
      ['bun', 12],
      [short, years > 55 ? 22 : 5],
    ]);
  }
  const bald = Math.max(0, years - 28) * 0.75;
  return weighted<HairStyle>(random, [
    [short, 84],
    ['medium', 6],
    ['long', 3],
    ['bald', bald],
  ]);
}

export function weighted<T>(random: Random, choices: readonly (readonly [T, number])[]): T {
  let left = random() * choices.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [choice, weight] of choices) {
    left -= weight;
    if (left < 0) return choice;
  }
  return choices[choices.length - 1][0];
}

export function clamp(value: number, lowest = 0, highest = 1): number {
  return Math.min(highest, Math.max(lowest, value));
}
