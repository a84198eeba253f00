/** Fetches UTKFace from a mirror, once its terms have been read and accepted. The faces themselves never come with the course. */
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { InputError } from '../../base/errors';
import type { ProgressListener } from '../../base/progress';
import { UTKFACE_ARCHIVE } from '../../data/source';
import { downloadFile } from './download';

/** The aligned and cropped faces: 23,708 JPEG files of 200 x 200. */
const UTKFACE = {
  url: 'https://huggingface.co/datasets/py97/UTKFace-Cropped/resolve/main/UTKFace.tar.gz',
  bytes: 106_634_631,
  sha256: '2c0655397b498e81b82d685ee74bee8c2e4364a5897caf3afec6ea48929024a7',
};

const UTKFACE_TERMS = `UTKFace (Zhang, Song and Qi, CVPR 2017; https://susanqq.github.io/UTKFace) may be used for non-commercial research only.
The images were collected from the Internet; their copyright stays with their owners, who may ask for their removal.
Do not pass the images on. Models trained on them inherit these terms. The file is 107 MB, from ${new URL(UTKFACE.url).host}.
`;

export interface UtkFaceDownload {
  /** That the person has read UTKFACE_TERMS and agrees. */
  readonly acceptTerms: boolean;
  /** Where the archive shall lie. */
  readonly folder: string;
  /** Another mirror of the same file; its SHA-256 must be the same. */
  readonly url?: string;
  readonly onProgress?: ProgressListener;
  /** Takes the terms; writes them to the terminal unless told otherwise. */
  readonly show?: (terms: string) => void;
}

/** Shows the terms, fetches the archive and answers its path. Throws an InputError where the terms are not accepted. */
export async function downloadUtkFace(options: UtkFaceDownload): Promise<string> {
  const { acceptTerms, folder, url = UTKFACE.url, onProgress, show = (terms) => process.stderr.write(terms) } = options;
  const file = path.join(folder, UTKFACE_ARCHIVE);
  const { bytes, sha256 } = UTKFACE;
  // Fetched and checked before, which only happens once the terms are accepted.
  if (existsSync(file) && statSync(file).size === bytes) return file;
  show(UTKFACE_TERMS);
  if (!acceptTerms) throw new InputError('UTKFace was not downloaded: read the terms above and add --accept-terms if you agree.');
  await downloadFile({ url, file, bytes, sha256, onProgress });
  return file;
}
