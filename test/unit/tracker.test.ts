/** Faces in front of a camera: which is which from frame to frame, and how steady what is told of them is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { streamFor } from '../../lib/base/random';
import { type Laid, Tracker } from '../../lib/demo/page/tracker';

/** A face in the middle of its box, as the detector and the mesh see it. */
function faceAt(x: number, y: number, sidePx = 100, presence = 1) {
  const square = { x, y, sidePx, turn: 0 };
  return { box: { x: x - sidePx / 2, y: y - sidePx / 2, width: sidePx, height: sidePx }, square, frame: square, presence, score: 0.9 };
}
type Seen = ReturnType<typeof faceAt>;

/** Frames one after the other: the detector sees all that is there, meshes stay on what is near, and the model says of each face what `outputs` says. */
class Film {
  readonly tracker = new Tracker();
  nowMs = 0;
  frameMs = 50;
  searches = 0;

  show(faces: readonly Seen[], frames = 1, outputs: (face: Laid) => readonly number[] = () => [30]): readonly number[] {
    for (let frame = 0; frame < frames; frame++) {
      this.nowMs += this.frameMs;
      if (this.tracker.isSearchDue(this.nowMs)) {
        this.searches++;
        this.tracker.searched(faces, this.nowMs);
      }
      const laid = this.tracker.laid.map(({ square: { x, y } }) => {
        const near = faces.filter(({ square }) => Math.hypot(square.x - x, square.y - y) < 50);
        return near[0] ?? faceAt(x, y, 100, 0);
      });
      this.tracker.placed(laid, this.nowMs);
      for (const face of this.tracker.faces) this.tracker.looked(face, [Float32Array.from(outputs(face))], this.nowMs);
    }
    return this.tracker.faces.map(({ number }) => number);
  }

  ageOf(number: number): number {
    return this.tracker.faces.find((face) => face.number === number)?.means[0][0] ?? Number.NaN;
  }
}

test('a face is told after three meshes have stayed on it, and what only the detector takes for one never is', () => {
  const film = new Film();
  assert.deepEqual(film.show([faceAt(200, 200)], 2), []);
  assert.deepEqual(film.show([faceAt(200, 200)]), [1]);
  assert.deepEqual(new Film().show([faceAt(200, 200, 100, 0.4)], 60), []);
});

test('faces keep their numbers and answers while they move past each other, and all of the picture is searched only now and then', () => {
  const film = new Film();
  const ageAbove = ({ box }: Laid) => [box.y < 150 ? 20 : 60];
  for (let step = 0; step < 60; step++) film.show([faceAt(100 + 6 * step, 100), faceAt(460 - 6 * step, 260)], 1, ageAbove);
  const numbers = film.tracker.faces.map(({ number, box }) => [number, box.y < 150]);
  assert.deepEqual(numbers, [
    [1, true],
    [2, false],
  ]);
  assert.deepEqual([film.ageOf(1), film.ageOf(2)], [20, 60]);
  assert.ok(film.searches < 10, `${film.searches} searches in 60 frames`);
});

test('a face that leaves is gone within half a second, and keeps its number and its mean if it soon comes back to its place', () => {
  const film = new Film();
  film.show([faceAt(200, 200), faceAt(500, 200)], 40, ({ box }) => [box.x < 300 ? 20 : 60]);
  assert.deepEqual(film.show([faceAt(500, 200)], 10), [2]);
  assert.deepEqual(
    film.show([faceAt(200, 200), faceAt(500, 200)], 16, () => [60]),
    [1, 2],
  );
  assert.ok(film.ageOf(1) < 55, `begins where it was, not anew: ${film.ageOf(1)}`);
  assert.deepEqual(film.show([], 60), []);
  assert.deepEqual(
    film.show([faceAt(200, 200)], 10, () => [40]),
    [1],
  );
  assert.equal(film.ageOf(1), 40, 'whoever comes later is someone else');
});

test('two meshes on one face make one face', () => {
  const film = new Film();
  film.show([faceAt(200, 200), faceAt(330, 200)], 10);
  film.show([faceAt(240, 200)], 1);
  assert.deepEqual(film.show([faceAt(240, 200)], 20), [1]);
});

test('where frames are few, each search puts the mesh back on a face that moves faster than the mesh follows', () => {
  const film = new Film();
  film.show([faceAt(100, 200)], 5);
  film.frameMs = 700;
  for (let step = 1; step <= 8; step++) assert.deepEqual(film.show([faceAt(100 + 52 * step, 200)]), [1], `step ${step}`);
  assert.equal(film.tracker.faces[0].box.x, 466);
});

test('what no search finds any more is no face, whatever its mesh says', () => {
  const film = new Film();
  film.show([faceAt(200, 200)], 20);
  film.frameMs = 700;
  const unseen = () => {
    film.nowMs += film.frameMs;
    film.tracker.searched([], film.nowMs);
    film.tracker.placed([faceAt(200, 200)], film.nowMs);
    return film.tracker.faces.length;
  };
  assert.deepEqual([unseen(), unseen(), unseen()], [1, 1, 0]);
});

test('the first looks count alike, then answers settle: at most a quarter of the noise is left, and a change is told within three seconds', () => {
  const film = new Film();
  const seen = [faceAt(200, 200)];
  const ages = [20, 40, 30, 50];
  let look = 0;
  film.show(seen, 6, () => [ages[look++]]);
  assert.ok(Math.abs(film.ageOf(1) - 35) < 1e-4, `the mean of ${ages}: ${film.ageOf(1)}`);
  const random = streamFor(1, 'looks');
  const told: number[] = [];
  for (let frame = 0; frame < 200; frame++) {
    film.show(seen, 1, () => [30 + 20 * (random() - 0.5)]);
    if (frame >= 100) told.push(film.ageOf(1));
  }
  const spread = Math.max(...told) - Math.min(...told);
  assert.ok(spread > 0 && spread < 5, `looks spread over 20 years, what is told over ${spread}`);
  film.show(seen, 60, () => [70]);
  assert.ok(film.ageOf(1) > 67, `after three seconds of 70: ${film.ageOf(1)}`);
});

test('what is shown does not tremble with the mesh, and follows a face that leaps at once', () => {
  const film = new Film();
  const random = streamFor(2, 'mesh');
  const shown: number[] = [];
  for (let frame = 0; frame < 100; frame++) {
    film.show([faceAt(200 + 3 * (random() - 0.5), 200)]);
    if (frame > 20) shown.push(film.tracker.faces[0].shown.box.x);
  }
  const steps = shown.slice(1).map((x, at) => Math.abs(x - shown[at]));
  const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length;
  assert.ok(mean > 0 && mean < 0.5, `the mesh steps by 1 px on average, what is shown by ${mean}`);
  film.show([faceAt(230, 200)]);
  assert.equal(film.tracker.faces[0].shown.box.x, 180);
});
