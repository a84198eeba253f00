/**
 * Which folder of a tree holds the faces. Kaggle's archive has three: `UTKFace/`, `crop_part1/` and
 * `utkface_aligned_cropped/` with copies of both; reading them all would put every face there twice or more.
 */
import { parseFaceName } from './names';

const IMAGE = /\.(?:jpe?g|png)$/i;

/**
 * The shallowest folder named `UTKFace` that holds an image; where there is none, the shallowest folder that holds one whose
 * name carries labels, else any image. Of equally deep ones the first by name. '' is the top; undefined: no image anywhere.
 * @param files paths with forward slashes
 */
export function facesFolder(files: readonly string[]): string | undefined {
  const images = files.filter((file) => IMAGE.test(file) && !isResourceFork(file));
  const official = images.flatMap((file) => {
    const folders = file.split('/').slice(0, -1);
    const depth = folders.indexOf('UTKFace');
    return depth < 0 ? [] : [folders.slice(0, depth + 1).join('/')];
  });
  return shallowest(official) ?? shallowest(images.filter(isLabelled).map(folderOf)) ?? shallowest(images.map(folderOf));
}

/** What macOS adds to archives: `__MACOSX/…/._name.jpg`, no images in spite of their names. */
function isResourceFork(file: string): boolean {
  return file.startsWith('__MACOSX/') || file.includes('/__MACOSX/') || /(?:^|\/)\._[^/]*$/.test(file);
}

function isLabelled(file: string): boolean {
  return !('reason' in parseFaceName(file.slice(file.lastIndexOf('/') + 1)));
}

function folderOf(file: string): string {
  return file.slice(0, Math.max(0, file.lastIndexOf('/')));
}

function shallowest(folders: readonly string[]): string | undefined {
  const depth = (folder: string): number => (folder === '' ? 0 : folder.split('/').length);
  let best: string | undefined;
  for (const folder of new Set(folders)) {
    if (best === undefined || depth(folder) < depth(best) || (depth(folder) === depth(best) && folder < best)) best = folder;
  }
  return best;
}
