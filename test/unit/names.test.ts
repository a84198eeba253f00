import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFaceName } from '../../lib/data/names';

function reasonFor(name: string): string {
  const parsed = parseFaceName(name);
  return 'reason' in parsed ? parsed.reason : assert.fail(`${name} was read`);
}

test('UTKFace names give age, gender and race', () => {
  assert.deepEqual(parseFaceName('100_1_0_20170112213001988.jpg.chip.jpg'), { ageYears: 100, gender: 1, race: 0 });
  assert.deepEqual(parseFaceName('1_0_4_20161219140623097.jpg.chip.jpg'), { ageYears: 1, gender: 0, race: 4 });
  assert.deepEqual(parseFaceName('26_0_2_20170112213001988.jpg'), { ageYears: 26, gender: 0, race: 2 });
  assert.deepEqual(parseFaceName('0_1_3_20170112213001988.JPEG'), { ageYears: 0, gender: 1, race: 3 });
  assert.deepEqual(parseFaceName('116_1_3_20170112213001988.png'), { ageYears: 116, gender: 1, race: 3 });
});

test('the names with a stray space or a missing dot are read', () => {
  assert.deepEqual(parseFaceName('24_0_1_20170116220224657 .jpg.chip.jpg'), { ageYears: 24, gender: 0, race: 1 });
  assert.deepEqual(parseFaceName('55_0_0_20170116232725357jpg.chip.jpg'), { ageYears: 55, gender: 0, race: 0 });
});

test("a name without a race is read, unless it is one of UTKFace's own; the last field may be anything", () => {
  assert.deepEqual(parseFaceName('25_1_20170116.jpg'), { ageYears: 25, gender: 1 });
  assert.deepEqual(parseFaceName('25_1_alice.webp'), { ageYears: 25, gender: 1 });
  assert.deepEqual(parseFaceName('25_0_1.jfif'), { ageYears: 25, gender: 0 });
  assert.deepEqual(parseFaceName('25_1_0_alice.jpg'), { ageYears: 25, gender: 1, race: 0 });
  assert.deepEqual(parseFaceName('26_0_2_20170112213001988 (1).jpg'), { ageYears: 26, gender: 0, race: 2 });
  assert.match(reasonFor('25_1_20170116174525125.jpg'), /1 may be either/);
  assert.match(reasonFor('25_1_alice.jpg.chip.jpg'), /1 may be either/);
  assert.match(reasonFor('25_2_alice.jpg'), /gender 2 is out of range/);
  assert.match(reasonFor('25_1_alice_smith.jpg'), /race alice is out of range/);
  assert.match(reasonFor('25_1.jpg'), /age 25 is there, gender and race are not/);
});

test('timestamps of odd length are read', () => {
  for (const stamp of ['2017011022340900', '201701161846515488', '201701162330572788', '1']) {
    assert.deepEqual(parseFaceName(`14_0_0_${stamp}.jpg.chip.jpg`), { ageYears: 14, gender: 0, race: 0 });
  }
});

test('a name with a missing field says which label cannot be known', () => {
  assert.match(reasonFor('39_1_20170116174525125.jpg.chip.jpg'), /gender and race cannot be known, 1 may be either/);
  assert.match(reasonFor('61_1_20170109150557335.jpg.chip.jpg'), /gender and race cannot be known/);
  assert.match(reasonFor('61_3_20170109150557335.jpg.chip.jpg'), /3 can only be the race, the gender cannot be known/);
  assert.match(reasonFor('53__0_20170116184028385.jpg.chip.jpg'), /the gender field is empty/);
  assert.match(reasonFor('53_1__20170116184028385.jpg.chip.jpg'), /the race field is empty/);
  assert.match(reasonFor('53_20170116184028385.jpg.chip.jpg'), /age 53 is there, gender and race are not/);
});

test('labels out of range are named with their value', () => {
  assert.match(reasonFor('117_0_0_2017.jpg'), /age 117 is out of range: expected 0 to 116/);
  assert.match(reasonFor('30_2_0_2017.jpg'), /gender 2 is out of range: expected 0 \(male\) or 1 \(female\)/);
  assert.match(reasonFor('30_1_5_2017.jpg'), /race 5 is out of range: expected 0 to 4/);
  assert.match(reasonFor('30_1_0_7_2017.jpg'), /5 fields/);
});

test('names of other files are refused', () => {
  for (const name of ['README.txt', '.DS_Store', '', 'jpg', 'face.jpg', '-3_0_0_2017.jpg', '3.5_0_0_2017.jpg', '._26_0_2_2017.jpg']) {
    assert.ok(reasonFor(name).length > 10, name);
  }
});
