import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../lib/base/random';
import { temperatureOf } from '../../lib/model/temperature';

/** Faces whose labels are drawn with the probability that a network means; it says so with logits `sureness` times as large. */
function answers(count: number, sureness: number) {
  const random = seededRandom(7);
  const logits = Array.from({ length: count }, () => 8 * (random() - 0.5));
  const sigmoid = (logit: number) => 1 / (1 + Math.exp(-logit));
  return {
    probabilities: logits.map((logit) => sigmoid(sureness * logit)),
    labels: logits.map((logit) => Number(random() < sigmoid(logit))),
  };
}

test('a network that is too sure gets a temperature above 1, one that is not sure enough one below, and a calibrated one stays', () => {
  for (const sureness of [0.5, 1, 2.5]) {
    const { probabilities, labels } = answers(20_000, sureness);
    const temperature = temperatureOf(probabilities, labels);
    assert.ok(Math.abs(temperature / sureness - 1) < 0.04, `${sureness}: ${temperature}`);
    const again = probabilities.map((p) => 1 / (1 + ((1 - p) / p) ** (1 / temperature)));
    assert.equal(temperatureOf(again, labels), 1, 'a second time there is nothing left to do');
  }
});

test('answers that are beyond doubt are no infinite evidence, and few faces change nothing', () => {
  const { probabilities, labels } = answers(1000, 1);
  const temperature = temperatureOf([...probabilities, 1, 0], [...labels, 0, 1]);
  assert.ok(temperature > 1 && temperature < 4, `${temperature}`);
  assert.equal(temperatureOf(probabilities.slice(0, 100), labels.slice(0, 100)), 1);
});
