/** A process of its own, so that another engine can be asked: for each file that it is given, a line of JSON with the faces found in it. */
import { openFaceFinder } from '../lib/faces/open-finder';
import { openPhoto } from '../lib/images/decode';

async function main(files: readonly string[]): Promise<void> {
  const finder = await openFaceFinder();
  for (const file of files) process.stdout.write(`${JSON.stringify(await finder.find(await openPhoto(file)))}\n`);
  finder.dispose();
}

void main(process.argv.slice(2));
