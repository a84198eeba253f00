/** Numbers as tables, figures and the terminal write them. `null` and NaN are what nothing could be measured on. */

const NOTHING = 'no faces';

/** "1,234". */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** "84.0 %" from 0.84. */
export function percent(share: number | null, digits = 1): string {
  return share === null || Number.isNaN(share) ? NOTHING : `${(100 * share).toFixed(digits)} %`;
}

/** "6.1 years". */
export function years(value: number | null, digits = 1): string {
  return value === null || Number.isNaN(value) ? NOTHING : `${value.toFixed(digits)} years`;
}

/** A line of CSV (RFC 4180); undefined and null are empty. */
export function csvLine(fields: readonly unknown[]): string {
  const quoted = fields
    .map((field) => String(field ?? ''))
    .map((text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text));
  return `${quoted.join(',')}\r\n`;
}
