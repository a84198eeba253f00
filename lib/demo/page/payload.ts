/** What travels inside the page beside its code: networks and WebAssembly, as base64, since a page on disk may fetch nothing. */

function textOf(id: string): string {
  return document.getElementById(id)?.textContent ?? '';
}

export function jsonOf<T>(id: string): T {
  return JSON.parse(textOf(id));
}

export function bytesOf(id: string): Uint8Array<ArrayBuffer> {
  const text = atob(textOf(id));
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}
