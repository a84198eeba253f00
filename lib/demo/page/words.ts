/** What the page says while it works, and when something does not. Each failure names what to do. */
import { InputError } from '../../base/errors';
import { describePrediction, type Prediction } from '../../predict/answer';

export const WORDS = {
  ready: 'Ready. Choose a photo, or use the camera.',
  looking: 'Looking for faces…',
  noFace: 'No face was found in this photo. Faces in full profile, far away, or mostly covered are missed: try another photo.',
  aligned: "This picture is framed as UTKFace's are, so the model was shown all of it, once.",
  opening: 'Asking for the camera…',
  cameraOn: 'The camera is on. What it sees stays on this machine, and no picture is kept.',
  cameraOff: 'The camera is off.',
  hidden: 'The camera was switched off because this page was out of sight.',
  unplugged: 'The camera is gone. Connect it again, then use it again.',
  nobody: 'No face in sight: look into the camera, in good light.',
} as const;

/** Of a photo, and of how many other files that came with it. */
export function found(faces: readonly unknown[], others: number): string {
  const first = others > 0 ? `The first of ${others + 1} files. ` : '';
  return `${first}${faces.length === 1 ? 'One face.' : `${faces.length} faces, numbered from left to right.`}`;
}

/** "1: 34 years (27 to 43), female 91 %." */
export function summary(faces: readonly { readonly number: number; readonly answer: Prediction }[]): string {
  return faces.map(({ number, answer }) => `${number}: ${describePrediction(answer)}.`).join(' ');
}

/** By the name of what `getUserMedia` throws. */
const CAMERA: Readonly<Record<string, string>> = {
  NotAllowedError:
    'The camera was refused. Allow it for this page (beside its address, or in the settings of the browser or system), then use it again.',
  NotFoundError: 'No camera was found. Connect one, then use it again. Photos work without.',
  NotReadableError: 'The camera is busy. Close the program that has it, then use it again.',
};
const SAME: Readonly<Record<string, string>> = {
  SecurityError: 'NotAllowedError',
  OverconstrainedError: 'NotFoundError',
  AbortError: 'NotReadableError',
};

export function cameraFailure(error: unknown): string {
  if (isMemory(error)) return NO_MEMORY;
  const name = error instanceof Error ? error.name : '';
  return CAMERA[SAME[name] ?? name] ?? `The camera does not answer (${name || String(error)}). Try another browser, or a photo.`;
}

/** Where the browser offers no camera at all. */
export function noCameraHere(isSecure: boolean): string {
  const where = isSecure
    ? 'This browser lends no camera to this page'
    : 'A browser lends its camera only to pages from disk or from a secure address';
  return `${where}: open the page through “npm run demo”, or in another browser. Photos work here, too.`;
}

const NO_ENGINE =
  'This browser can run no network: it has neither WebGL nor WebAssembly, or they are switched off. Open the page in a current Firefox, Chrome, Edge or Safari.';
const NO_MEMORY = 'There is not enough memory for that. Close other tabs and load this page again, or take a smaller photo.';

export function engineFailure(error: unknown): string {
  if (error instanceof InputError) return error.message;
  return isMemory(error) ? NO_MEMORY : `${NO_ENGINE} (${error instanceof Error ? error.message : error})`;
}

/** Why no answer came to this file. */
export async function photoFailure(error: unknown, file: Blob): Promise<string> {
  const name = file instanceof File && file.name ? `“${file.name}”` : 'This';
  if (error instanceof InputError) return error.message;
  if (isMemory(error)) return NO_MEMORY;
  if (file.size === 0) return `${name} is empty.`;
  const kind = kindOf(
    new Uint8Array(
      await file
        .slice(0, 12)
        .arrayBuffer()
        .catch(() => new ArrayBuffer(0)),
    ),
  );
  if (kind === 'photo')
    return `${name} cannot be read as a whole: it is broken, or too large for this browser. Save it anew, at most 50 megapixels.`;
  if (kind) return `${name} is a ${kind} photo, which this browser does not read. Save it as a JPEG, then choose that.`;
  return `${name} is no photo that this browser reads. Choose a JPEG, PNG, WebP, AVIF or GIF.`;
}

function isMemory(error: unknown): boolean {
  return error instanceof Error && (error instanceof RangeError || /memory|alloc/i.test(error.message));
}

/** By the first bytes: HEIC and TIFF, which few browsers read, or what all do. */
function kindOf(bytes: Uint8Array): 'HEIC' | 'TIFF' | 'photo' | null {
  const text = String.fromCharCode(...bytes);
  if (/^....ftyp(hei|hev|mif|msf)/s.test(text)) return 'HEIC';
  if (/^(II\*\0|MM\0\*)/.test(text)) return 'TIFF';
  return /^(\xff\xd8|\x89PNG|GIF8|BM|RIFF....WEBP|....ftypavi)/s.test(text) ? 'photo' : null;
}
