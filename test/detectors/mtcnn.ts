/** MTCNN (Zhang et al. 2016, arXiv 1604.02878) as the package `mtcnn` has it, in Python, on the same TensorFlow: five landmarks a face. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { InputError } from '../../lib/base/errors';
import { projectPath } from '../../lib/base/project';
import { middleOf } from '../../lib/faces/frame';
import type { Point } from '../../lib/images/photo';
import type { Detector } from './detector';

interface Answer {
  readonly box: readonly [x: number, y: number, width: number, height: number];
  readonly left_eye: Point;
  readonly right_eye: Point;
  readonly mouth_left: Point;
  readonly mouth_right: Point;
}

/** @param python an interpreter that has mtcnn 1.0.0 and TensorFlow */
export function openMtcnn(python: string): Detector {
  const child = spawn(python, [projectPath('test', 'detectors', 'mtcnn_subject.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' },
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.once('error', () => undefined); // told below
  child.stdin.on('error', () => undefined);
  return {
    title: 'MTCNN (`mtcnn`, Python)',
    package: '1.0.0, MIT, 2024, 2 MB and TensorFlow for Python',
    detect: async (file) => {
      child.stdin.write(`${file}\n`);
      const { value, done } = await answers.next();
      if (done) throw new InputError(`--mtcnn ${python}: stopped at ${file}. Expected a Python with mtcnn and tensorflow.`);
      return (JSON.parse(value) as readonly Answer[]).map(
        ({ box: [x, y, width, height], left_eye, right_eye, mouth_left, mouth_right }) => ({
          box: { x, y, width, height },
          landmarks: [left_eye, right_eye, middleOf([mouth_left, mouth_right])],
        }),
      );
    },
    dispose: () => child.stdin.end(),
  };
}
