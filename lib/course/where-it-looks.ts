/** Notebook 7: what in a face speaks for which answer, as pictures, and what follows where that is hidden, as tables. */
import sharp, { type Sharp } from 'sharp';
import type { Random } from '../base/random';
import { bootstrap, type Estimate } from '../evaluation/bootstrap';
import { type GradCam, HIDDEN, hideRegions } from '../evaluation/grad-cam';
import { imageOf } from '../images/decode';
import { PLACE_COLOURS, type Question } from '../model/feature-map';
import { noteHtml, tableHtml } from '../pages/html';

const ANSWERS = Object.entries({ age: 'age in years', gender: 'log-odds of female' }) as [Question, string][];
const { below0, above0 } = PLACE_COLOURS;

export const HEAT_LEGEND_HTML = `<p>Middle: age, right: gender. <span style="color:rgb(${below0})">■</span> younger, male
<span style="color:rgb(${above0})">■</span> older, female</p>`;

/** How wide a face stands beside its two maps. */
export const STRIP_PX = 390;

/** A face, and beside it in grey, so that no skin looks like heat, under its maps for age and gender, whose greatest value has full colour. */
export async function heatStrip({ look, side, sizePx }: GradCam, face: Uint8Array): Promise<{ jpeg: Buffer; caption: string }> {
  const looks = await Promise.all(ANSWERS.map(async ([question, name]) => ({ name, places: (await look(question, face))[0].places })));
  const pngOf = (image: Sharp) => image.png().toBuffer();
  const panels = looks.map(async ({ places }) => {
    const most = Math.max(...places.map(Math.abs));
    const colours = Uint8Array.from(places.flatMap((value) => [...(value < 0 ? below0 : above0), (230 * Math.abs(value)) / most]));
    const heat = sharp(colours, { raw: { width: side, height: side, channels: 4 } }).resize(sizePx, sizePx, { kernel: 'cubic' });
    const grey = imageOf(face, sizePx).greyscale().toColourspace('srgb').linear(0.7, 50);
    return pngOf(grey.composite([{ input: await pngOf(heat) }]));
  });
  const strip = sharp(await Promise.all([pngOf(imageOf(face, sizePx)), ...panels]), { join: { across: 3 } }).resize(2 * STRIP_PX);
  const range = looks.map(({ name, places }) => `${Math.min(...places).toFixed(2)} to ${Math.max(...places).toFixed(2)} (${name})`);
  return { jpeg: await strip.jpeg({ quality: 85 }).toBuffer(), caption: `places add ${range.join(', ')}`.replaceAll(' -', ' −') };
}

/** How far each answer moves where parts of the faces are hidden, with 95 % intervals over `clusters` of faces, and what follows from it. */
export async function hidingHtml(
  cam: GradCam,
  faces: readonly Uint8Array[],
  clusters: readonly (string | number)[],
  random: Random,
): Promise<string> {
  if (faces.length === 0) return noteHtml('No faces to hide parts of.');
  const told = ({ value, low, high }: Estimate) => `${value.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
  const tables: string[] = [];
  for (const [question, name] of ANSWERS) {
    const moves = await hideRegions(cam, question, faces, random);
    const estimate = (measure: (face: number) => number) => bootstrap([...moves.keys()], measure, (face) => clusters[face], random);
    const ways = HIDDEN.map((_, way) => estimate((face) => moves[face][way]));
    const less = HIDDEN.map((_, way) => estimate((face) => moves[face][0] - moves[face][way]));
    const rows = HIDDEN.map((what, way) => [what, told(ways[way]), way > 0 ? told(less[way]) : '']);
    const columns = ['hidden: a fifth of the picture', `moves the ${name} by (95 % interval)`, 'which is less than the first by'];
    const verdict = less[2].high < 0 ? 'the map misleads' : 'that may be chance, and nothing shows that the map is right';
    const [there, anywhere] = [ways[0], ways[2]].map(({ value }) => value.toFixed(1));
    const moved = `Hiding where the map points moves the ${name} by ${there}, hiding as much anywhere by ${anywhere}`;
    tables.push(`${tableHtml(columns, rows)}<p>${moved}: ${less[2].low > 0 ? 'the map says something' : verdict}.</p>`);
  }
  return tables.join('');
}
