/** Ways in which the frame around a face can miss it, to see what the network says then. */
import { FRAME_ERROR } from '../faces/frame';
import { inPhoto, type Square } from '../images/photo';

export interface FrameChange {
  readonly title: string;
  /** "%" of the frame's side, or "°", clockwise. */
  readonly unit: string;
  readonly amounts: readonly number[];
  /** What landmarks err by, in the same unit. */
  readonly error: number;
  readonly changed: (frame: Square, amount: number) => Square;
}

/** In even steps from one amount to the other, and at the error itself. */
function amountsOf(from: number, to: number, step: number, error: number): readonly number[] {
  const steps = Array.from({ length: Math.round((to - from) / step) + 1 }, (_, index) => from + index * step);
  return [...steps, -error, error].sort((a, b) => a - b);
}

/** Moved along its own sides, by percent of their length. */
function moved(frame: Square, right: number, down: number): Square {
  const [x, y] = inPhoto(frame, [0.5 + right / 100, 0.5 + down / 100]);
  return { ...frame, x, y };
}

const ERROR = { shift: 100 * FRAME_ERROR.shift, turn: FRAME_ERROR.turnDegrees, size: 100 * FRAME_ERROR.scale } as const;
const shift = { unit: '%', error: ERROR.shift, amounts: amountsOf(-30, 30, 5, ERROR.shift) } as const;

export const FRAME_CHANGES: readonly FrameChange[] = [
  { ...shift, title: 'Shifted right', changed: (frame, percent) => moved(frame, percent, 0) },
  { ...shift, title: 'Shifted down', changed: (frame, percent) => moved(frame, 0, percent) },
  {
    title: 'Turned',
    unit: '°',
    error: ERROR.turn,
    amounts: amountsOf(-45, 45, 7.5, ERROR.turn),
    changed: (frame, degrees) => ({ ...frame, turn: frame.turn + (degrees * Math.PI) / 180 }),
  },
  {
    title: 'Looser',
    unit: '%',
    error: ERROR.size,
    amounts: amountsOf(-40, 80, 10, ERROR.size),
    changed: (frame, percent) => ({ ...frame, sidePx: frame.sidePx * (1 + percent / 100) }),
  },
];
