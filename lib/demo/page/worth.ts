/** What the page says of its model, before anybody believes an answer. */
import { grouped, percent, years } from '../../base/text';
import { GENDER_NAMES } from '../../data/record';
import type { About } from '../about';

/** Who is looking. */
export function leadOf({ run, data, weights }: About): string {
  const who = run ? `The model of run ${run}` : 'The model that comes with the course';
  if (!data) return `${who}. It does not say what it learned from.`;
  const faces = grouped(data.trainingFaces);
  if (data.kind !== 'drawn') return `${who} has learned from ${faces} faces of ${data.kind === 'utkface' ? 'UTKFace' : data.label}.`;
  const before =
    weights === 'bundled'
      ? 'Its base began as the course’s own model, which knows photos, but what ages and genders look like it was taught by drawings'
      : 'Of people it has only ever seen drawings';
  return `${who} has learned from ${faces} faces that a program drew. ${before}: on your face it guesses.`;
}

/** What its answers are worth, a paragraph each. */
export function worthOf({ data, result, facts }: About): string[] {
  const { medianAgeYears, majorityGender } = facts.baseline;
  const coverage = facts.ageIntervals && percent(facts.ageIntervals.coverage, 0);
  return [
    result && data
      ? `On ${grouped(data.validationFaces)} faces that it had not learned from, its ages are ${years(result.model.ageMaeYears)} off on average. Always ` +
        `answering ${years(medianAgeYears, 0)}, without looking, is ${years(result.baseline.ageMaeYears)} off. Its perceived gender (binary, as annotated) ` +
        `agrees with the label of ${percent(result.model.genderAccuracy)}; always answering ${GENDER_NAMES[majorityGender]}, of ${percent(result.baseline.genderAccuracy)}.`
      : 'How wrong it is, this page was not told: see its model card.',
    ...(coverage
      ? [`The ages in brackets hold the label of ${coverage} of faces like those. On other photos, yours too, they hold fewer.`]
      : []),
    data?.kind === 'drawn'
      ? 'Its labels were drawn up with the faces, some of them wrong on purpose: they stand for the opinions that labels of photos are.'
      : 'Its labels are opinions: how old, and of which of two genders, others took somebody in a picture to be. Nobody in the pictures was asked.',
    'It is less often right for some than for others: the old are harder in age, small children in gender, and groups of people differ. Averages hide that. ' +
      'People on crisp portraits often look too young to it.',
    'It is for learning, not for decisions about people: no age checks, no access control, no ranking.',
    'Nothing leaves this machine: the model is inside this file, which keeps nothing. Switch the network off, and try it. The browser itself ' +
      'holds it to that: the Content-Security-Policy at the head of this page’s source allows no connection.',
  ];
}
